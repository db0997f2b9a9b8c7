import { createHash } from 'node:crypto';
import { type ErrorCode, isWaybillError, WaybillError } from '../domain/errors.ts';
import { keyProblem } from '../domain/object-keys.ts';
import { csvLine, type ObjectResult, printableKey, type ReportRow } from '../domain/report.ts';
import { openStore } from '../stores/open.ts';
import type { FlushProblem } from '../stores/pending-files.ts';
import type { ObjectWriter, Store, StoreSpec } from '../stores/store.ts';
import type { ObjectRecord } from '../volume/records.ts';
import { openVolume, type VolumeReader, type VolumeSpec } from '../volume/volume.ts';
import { countedIn } from '../volume/volume-index.ts';
import { type Control, Stopped } from './control.ts';
import { Digester } from './digest-thread.ts';
import type { Task } from './tasks.ts';

/** What an unload's threads are given. */
export interface UnloadSetup {
  volume: VolumeSpec;
  store: StoreSpec;
  /** Put before every key. */
  prefix: string;
  overwrite: boolean;
}

/** One job: a page, and the positions of its records that do not count. */
export interface UnloadJob {
  page: number;
  replaced: number[];
}

/** A page's lines for the two logs, and its counts. */
export interface UnloadDone {
  page: number;
  success: string;
  failure: string;
  counts: {
    objects: number;
    bytes: number;
    alreadyPresent: number;
    failed: number;
    /** Of the failed ones, those that the volume's damage cost. */
    damaged: number;
  };
}

/** What is an object's own problem; anything else ends the unload. */
const OBJECT_ERRORS: ErrorCode[] = [
  'FrameDamaged',
  'VolumeInvalid',
  'KeyRefused',
  'StoreKeyConflict',
  'ObjectExists',
  'ChecksumMismatch',
  'ObjectVanished',
];

/** Writes a page's objects to the store, each compared with the checksums taken at the source. */
export function unloadTask(setup: UnloadSetup, control: Control): Task {
  const volume = openVolume(setup.volume);
  const unloader = {
    ...{ setup, control, digester: new Digester(control) },
    ...{ reader: volume.reader(), store: openStore(setup.store) },
  };
  return {
    handle: async (job): Promise<UnloadDone | undefined> => {
      const { page: number, replaced } = job as UnloadJob;
      const rows: ReportRow[] = [];
      for (const record of countedIn(volume.readPage(number), replaced)) {
        if (control.stopped) return undefined;
        try {
          rows.push(await unloadObject(unloader, record));
        } catch (error) {
          if (error instanceof Stopped) return undefined;
          throw error;
        }
      }
      const problems = await unloader.store.flush();
      return summarize(number, rows, problems);
    },
    finish: async () => {
      await unloader.digester.close();
      unloader.reader.close();
      await unloader.store.close();
    },
  };
}

/** A page's lines and counts. What the store could not keep after all has failed. */
function summarize(page: number, rows: ReportRow[], problems: FlushProblem[]): UnloadDone {
  const late = new Map(problems.map(({ key, error }) => [printableKey(key), error]));
  const done: UnloadDone = {
    ...{ page, success: '', failure: '' },
    counts: { objects: 0, bytes: 0, alreadyPresent: 0, failed: 0, damaged: 0 },
  };
  for (const row of rows) {
    const error = late.get(row.key);
    if (error) note(done, { ...row, result: 'failed', reason: error.code, detail: error.message });
    else note(done, row);
  }
  return done;
}

function note(done: UnloadDone, row: ReportRow): void {
  if (row.result === 'failed') {
    done.failure += csvLine(row);
    done.counts.failed += 1;
    if (row.reason === 'FrameDamaged' || row.reason === 'VolumeInvalid') done.counts.damaged += 1;
    return;
  }
  done.success += csvLine(row);
  done.counts.objects += 1;
  done.counts.bytes += row.bytes;
  if (row.result === 'already-present') done.counts.alreadyPresent += 1;
}

interface Unloader {
  setup: UnloadSetup;
  control: Control;
  digester: Digester;
  reader: VolumeReader;
  store: Store;
}

async function unloadObject(unloader: Unloader, record: ObjectRecord): Promise<ReportRow> {
  const key = Buffer.concat([Buffer.from(unloader.setup.prefix), record.key]);
  const row = (result: ObjectResult, reason: ErrorCode | '' = '', detail = ''): ReportRow => ({
    ...{ key: printableKey(key), bytes: record.bytes, sha256: record.sha256.toString('hex') },
    ...{ crc32: record.crc32.toString(16).padStart(8, '0'), result, reason, detail },
  });
  const { control } = unloader;
  try {
    const result = await putObject(unloader, record, key);
    control.add('objects', 1);
    return row(result);
  } catch (error) {
    if (!isWaybillError(error, ...OBJECT_ERRORS)) throw error;
    control.add('failed', 1);
    return row('failed', error.code, error.message);
  }
}

async function putObject(
  unloader: Unloader,
  record: ObjectRecord,
  key: Buffer,
): Promise<ObjectResult> {
  const { store, setup, control } = unloader;
  const detail = keyProblem(key, store.keyRules);
  if (detail) throw new WaybillError('KeyRefused', { detail });
  const there = await store.stat(key);
  if (there && record.kind === 'directory') return 'already-present';
  if (there && there.bytes === record.bytes && (await holds(store, key, record))) {
    control.add('bytes', record.bytes);
    return 'already-present';
  }
  if (there && !setup.overwrite) throw new WaybillError('ObjectExists');
  const { bytes, mtimeNs, mode, sha256, crc32: crc } = record;
  const writer = await store.put({ key, bytes, mtimeNs, mode: mode & 0o777, sha256, crc32: crc });
  try {
    await copyChecked(unloader, record, writer);
  } catch (error) {
    await writer.abort();
    throw error;
  }
  await writer.commit();
  return 'written';
}

/** Streams an object and refuses it, before it is visible, when a byte differs from what the site read. */
async function copyChecked(
  unloader: Unloader,
  record: ObjectRecord,
  writer: ObjectWriter,
): Promise<void> {
  const { control, reader, digester } = unloader;
  const digest = digester.begin(record.bytes);
  let bytes = 0;
  const take = (chunk: Buffer) => {
    if (control.stopped) throw new Stopped();
    digest.update(chunk);
    bytes += chunk.length;
    control.add('bytes', chunk.length);
    return writer.write(chunk) as Promise<void> | undefined;
  };
  await reader.read(record, take, digest.frames);
  const { sha256, crc32 } = digest.finish();
  const differs =
    bytes !== record.bytes
      ? `${bytes} bytes instead of ${record.bytes}`
      : crc32 !== record.crc32
        ? 'CRC-32'
        : sha256.equals(record.sha256)
          ? undefined
          : 'SHA-256';
  if (record.kind === 'file' && differs)
    throw new WaybillError('ChecksumMismatch', { detail: differs });
}

/** Whether the store's object has the very bytes of the record. */
async function holds(store: Store, key: Buffer, record: ObjectRecord): Promise<boolean> {
  const reader = await store.open(key);
  try {
    const sha256 = createHash('sha256');
    const buffer = Buffer.allocUnsafe(Math.min(1024 * 1024, record.bytes + 1));
    for (;;) {
      const got = await reader.read(buffer, 0, buffer.length);
      if (got === 0) return sha256.digest().equals(record.sha256);
      sha256.update(buffer.subarray(0, got));
    }
  } finally {
    await reader.close();
  }
}
