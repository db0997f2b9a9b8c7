import { join } from 'node:path';
import { invariant } from '../../domain/invariant.ts';
import { checkLimit } from '../../domain/limits.ts';
import { type KeyRules, keyProblem } from '../../domain/object-keys.ts';
import { Spool } from '../../processing/spool.ts';
import { encodeMeta, readMeta, type StepTrace } from '../../volume/catalog/record-metadata.ts';
import { KeyTable } from '../../volume/index/key-table.ts';
import { liveObjects } from '../../volume/index/live-records.ts';
import type { Checksums, Volume, VolumeWriter } from '../../volume/volume.ts';
import { InlineDigest } from '../checksums/digest.ts';
import type { ProblemLog } from '../progress/problem-log.ts';
import { SortedEntries } from '../scan/external-sort.ts';
import type { Control } from '../threads/control.ts';
import type { LoadOptions } from './load-options.ts';

const MODE = 0o644;

interface List {
  key: Buffer;
  content: Spool;
  digest: InlineDigest;
  lines: number;
  /** Of the newest object in it. */
  mtimeNs: bigint;
  step: StepTrace;
}

/** What a volume says of its lists, and of what belongs into them. */
interface Found {
  lines: SortedEntries;
  facts: Map<string, Pick<List, 'mtimeNs' | 'step'>>;
  /** Lists of an earlier load: SHA-256 and size. */
  old: Map<string, { sha256: Buffer; bytes: number }>;
  /** Keys of all else. */
  taken: KeyTable;
}

/**
 * Puts the lists of checksums on a volume whose objects are all there: for each key that the step names an object of
 * all lines, in the order of their objects' keys. What they hold follows from the volume alone; one that is right stays.
 */
export function writeChecksumLists(
  on: {
    volume: Volume;
    control: Control;
    problems: Pick<ProblemLog, 'add'>;
    keyRules: KeyRules;
  },
  options: LoadOptions,
): void {
  if (!options.processing?.plan.steps.some(({ step }) => step === 'checksums')) return;
  const { volume, control, problems, keyRules } = on;
  const lines = new SortedEntries(join(options.stateDir, 'checksums'));
  try {
    const found = look(volume, lines);
    const writer = volume.writer(() => control.nextNumber());
    for (const list of listsOf(found)) {
      const name = list.key.toString();
      const before = found.old.get(name);
      found.old.delete(name);
      const checksums = list.digest.finish();
      const detail = keyProblem(list.key, keyRules);
      if (detail) problems.add(list.key, 'KeyRefused', { detail });
      else if (found.taken.has(list.key))
        problems.add(list.key, 'StepFailed', { step: list.step.step, detail: CLASH });
      else if (!before?.sha256.equals(checksums.sha256)) {
        count(control, before?.bytes ?? 0, -1, before ? -1 : 0);
        const { option } = options.label;
        checkLimit('writing', option, options.sizeBytes, count(control, list.content.bytes, 1, 1));
        write(writer, list, checksums, before !== undefined);
      }
      list.content.close();
    }
    for (const [key, { bytes }] of found.old) {
      count(control, bytes, -1, -1);
      writer.groups?.withdraw(Buffer.from(key));
    }
    writer.commit();
  } finally {
    lines.close();
  }
}

const UNKNOWN = -1;
const CLASH = 'another object has the key of the list';

function count(control: Control, bytes: number, sign: 1 | -1, objects: number): number {
  control.add('writtenObjects', objects);
  return control.add('written', sign * bytes);
}

function look(volume: Volume, lines: SortedEntries): Found {
  const found: Found = { lines, facts: new Map(), old: new Map(), taken: new KeyTable() };
  for (const record of liveObjects(volume)) {
    const { key, mtimeNs, sha256, bytes } = record;
    const meta = readMeta(record);
    if (meta?.lines !== undefined) {
      found.old.set(key.toString(), { sha256: Buffer.from(sha256), bytes });
      continue;
    }
    found.taken.add(key);
    const step = meta?.steps?.find((trace) => trace.step === 'checksums');
    if (!meta?.listed || !step) continue;
    const { list, line } = meta.listed;
    lines.add({ group: list, key: key.toString(), line });
    const known = found.facts.get(list)?.mtimeNs ?? mtimeNs;
    found.facts.set(list, { step, mtimeNs: known > mtimeNs ? known : mtimeNs });
  }
  return found;
}

function* listsOf({ lines, facts }: Found): Generator<List> {
  let list: List | undefined;
  for (const { group, line } of lines.sorted()) {
    if (list?.key.toString() !== group) {
      if (list) yield list;
      const fact = facts.get(group);
      invariant(fact, 'a list has facts');
      const digest = new InlineDigest(UNKNOWN);
      list = { key: Buffer.from(group), content: new Spool(), digest, lines: 0, ...fact };
    }
    const bytes = Buffer.from(line);
    list.content.write(bytes);
    list.digest.update(bytes);
    list.lines += 1;
  }
  if (list) yield list;
}

function write(writer: VolumeWriter, list: List, checksums: Checksums, replaces: boolean): void {
  const { groups } = writer;
  invariant(groups, 'only sealed volumes hold objects that were processed');
  const { key, content, lines, mtimeNs, step } = list;
  const digest = new InlineDigest(UNKNOWN);
  writer.begin({
    key,
    mode: MODE,
    mtimeNs,
    bytes: content.bytes,
    replaces,
    parts: [],
    endPart: () => digest.endPart(),
  });
  for (let at = 0; at < content.bytes; ) {
    const space = writer.space();
    const piece = content.slice(at, Math.min(content.bytes, at + space.length));
    space.set(piece);
    digest.update(space.subarray(0, piece.length));
    writer.advance(piece.length);
    at += piece.length;
  }
  groups.stage(content.bytes, () => checksums);
  groups.commitStaged([encodeMeta({ steps: [step], lines })]);
}
