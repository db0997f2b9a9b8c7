import type { AnswerOf } from '../../lib/api/contract.ts';
import type { Result } from './output.ts';
import { plain } from './table.ts';

type Entry = AnswerOf<'listCustody'>['entries'][number];

/** An entry of the custody log as an item of a listing. */
export function custodyItem(entry: Entry): Result {
  const { seq, at, kind, actor, jobId, deviceId, detail } = entry;
  const line = [
    String(seq).padStart(6),
    at,
    kind.padEnd(22),
    actor,
    ...(jobId ? [jobId] : []),
    ...(deviceId ? [deviceId] : []),
    JSON.stringify(detail),
  ].join('  ');
  return { facts: { entry }, lines: [plain(line)] };
}
