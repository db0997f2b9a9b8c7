import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import { publish } from '../../files/durable.ts';

/** In the state of a job: how many objects each source had when it was last looked at for a load. */
const COUNTS_FILE = 'sources.json';
/** Of fewer objects half may go on any day. */
const FEW = 10;

type Counts = Record<string, number>;

/**
 * A share that is not mounted looks like an empty folder, one of which a part is not mounted like one that shrank. Throws
 * SourceEmpty, SourceShrank.
 */
export function requireLikelySource(stateDir: string, source: string, objects: number): void {
  if (objects === 0) throw new WaybillError('SourceEmpty', { path: source });
  const before = readCounts(stateDir)[source] ?? 0;
  if (before >= FEW && objects < before / 2)
    throw new WaybillError('SourceShrank', { path: source, before, now: objects });
}

/** Keeps how many objects a source has now. */
export function keepCount(stateDir: string, source: string, objects: number): void {
  const counts = { ...readCounts(stateDir), [source]: objects };
  publish(join(stateDir, COUNTS_FILE), JSON.stringify(counts), 0o600);
}

function readCounts(stateDir: string): Counts {
  const path = join(stateDir, COUNTS_FILE);
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Counts;
  } catch {
    // Only a doubt would come of it.
    return {};
  }
}
