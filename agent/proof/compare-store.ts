import { createHash } from 'node:crypto';
import { isWaybillError, WaybillError } from '../../lib/domain/errors.ts';
import { parsePrintableKey } from '../../lib/domain/report.ts';
import { readTar } from '../../lib/files/tar-reader.ts';
import { PROOF_PARTS, type ProofStatement } from '../../lib/keys/transfer-proof.ts';
import { openStore } from '../../lib/stores/open.ts';
import type { Store } from '../../lib/stores/store.ts';
import type { StoreSpec } from '../../lib/stores/store-spec.ts';
import { bytesOf } from './check-proof.ts';
import { type LogRow, logRows } from './log-rows.ts';

/** How the objects of a proof are in a store now. */
export interface Comparison {
  /** Objects that were compared, and those of them that were read whole. */
  compared: number;
  read: number;
  /** Inside an archive of the whole device; the archive itself is compared. */
  archived: number;
  /** Objects that are not there, or are others now. `told` is called for each. */
  missing: number;
  differing: number;
}

export interface CompareOptions {
  spec: StoreSpec;
  /** Put before each key of the log. */
  prefix: string;
  /** Reads every object, also where the store can say its checksum. */
  readAll?: boolean;
  signal: AbortSignal;
  /** Called for each object that is not as it was proved. */
  onProblem: (problem: { key: string; problem: 'missing' | 'differs' }) => void;
}

/** Objects that are asked for at once where answers take time. */
const AT_ONCE = 16;

/** Compares each object of a proof with a store: by the store's own checksum, else by reading it. Throws what stores throw. */
export async function compareWithStore(
  path: string,
  proof: ProofStatement,
  options: CompareOptions,
): Promise<Comparison> {
  const result: Comparison = { compared: 0, read: 0, archived: 0, missing: 0, differing: 0 };
  const store = openStore(options.spec, options.signal);
  const work = { store, result, options };
  try {
    for await (const { name, content } of readTar(bytesOf(path))) {
      if (name !== PROOF_PARTS.success) continue;
      let batch: LogRow[] = [];
      for await (const row of logRows(content)) {
        if (row.result === 'archived') {
          result.archived += 1;
          continue;
        }
        batch.push(row);
        if (batch.length < AT_ONCE) continue;
        await compareAll(work, batch);
        batch = [];
      }
      await compareAll(work, batch);
    }
    const { archive } = proof.report;
    if (archive) await compareOne(work, { ...archive, crc32: '', result: 'written' });
  } finally {
    await store.close();
  }
  return result;
}

interface Work {
  store: Store;
  result: Comparison;
  options: CompareOptions;
}

async function compareAll(work: Work, rows: LogRow[]): Promise<void> {
  work.options.signal.throwIfAborted();
  await Promise.all(rows.map((row) => compareOne(work, row)));
}

async function compareOne(work: Work, row: LogRow): Promise<void> {
  const { store, result, options } = work;
  const key = Buffer.concat([Buffer.from(options.prefix), keyOfRow(row)]);
  result.compared += 1;
  const found = await store.stat(key);
  if (!found) {
    result.missing += 1;
    options.onProblem({ key: row.key, problem: 'missing' });
  } else if (found.bytes !== row.bytes || !(await isSame(work, key, row))) {
    result.differing += 1;
    options.onProblem({ key: row.key, problem: 'differs' });
  }
}

function keyOfRow({ key }: LogRow): Buffer {
  const bytes = parsePrintableKey(key);
  if (bytes) return bytes;
  throw new WaybillError('TarInvalid', {
    detail: `a log holds the wrong key ${key.slice(0, 200)}`,
  });
}

async function isSame(
  { store, result, options }: Work,
  key: Buffer,
  row: LogRow,
): Promise<boolean> {
  const { bytes, sha256, crc32 } = row;
  const known = {
    key,
    bytes,
    sha256: Buffer.from(sha256, 'hex'),
    ...(crc32 !== '' && { crc32: Number.parseInt(crc32, 16) }),
    mtimeNs: 0n,
    mode: 0o644,
  };
  const held = options.readAll ? undefined : await store.holds?.(known);
  if (held !== undefined) return held;
  result.read += 1;
  return (await digestOf(store, key)) === sha256;
}

const BUFFER_BYTES = 256 * 1024;

async function digestOf(store: Store, key: Buffer): Promise<string | undefined> {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(BUFFER_BYTES);
  try {
    const reader = await store.open(key);
    try {
      for (;;) {
        const length = await reader.read(buffer, 0, buffer.length);
        if (length === 0) return hash.digest('hex');
        hash.update(buffer.subarray(0, length));
      }
    } finally {
      await reader.close();
    }
  } catch (error) {
    // It went away since it was asked for.
    if (isWaybillError(error, 'ObjectVanished')) return undefined;
    throw error;
  }
}
