import { createHash } from 'node:crypto';
import { describeError, type ErrorCode, isWaybillError, WaybillError } from '../domain/errors.ts';
import { keyOfPath } from '../domain/key-map.ts';
import { keyProblem } from '../domain/object-keys.ts';
import { csvLine, type ObjectResult, printableKey, type ReportRow } from '../domain/report.ts';
import type { OverwritePolicy } from '../domain/words.ts';
import { openStore } from '../stores/open.ts';
import type { FlushProblem } from '../stores/pending-files.ts';
import { Slots } from '../stores/slots.ts';
import type { NewObject, ObjectWriter, Store, StoreSpec } from '../stores/store.ts';
import { readMeta } from '../volume/record-meta.ts';
import type { ObjectRecord } from '../volume/records.ts';
import { openVolume, type VolumeReader, type VolumeSpec } from '../volume/volume.ts';
import { countedIn } from '../volume/volume-index.ts';
import { type Control, Stopped } from './control.ts';
import { Digester } from './digest-thread.ts';
import { type KeysBeside, mappedPath } from './key-map.ts';
import { inLanes } from './lanes.ts';
import { objectRow } from './report-lines.ts';
import type { Task } from './tasks.ts';

/** What an unload's threads are given. */
export interface UnloadSetup {
  volume: VolumeSpec;
  store: StoreSpec;
  /** Put before every key. */
  prefix: string;
  overwrite: OverwritePolicy;
  /** Into a directory, under names that it can hold whatever the keys are. */
  keysBeside?: KeysBeside | undefined;
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
  'ObjectKindUnknown',
  'StoreKeyConflict',
  'ObjectExists',
  'ChecksumMismatch',
  'ObjectVanished',
  'ObjectRefused',
  'ObjectArchived',
];

/** Writes a page's objects to the store, each compared with the checksums taken at the source. */
export function unloadTask(setup: UnloadSetup, control: Control): Task {
  const volume = openVolume(setup.volume);
  const unloader = {
    ...{ setup, control, digester: new Digester(control) },
    ...{ reader: volume.reader(), store: openStore(setup.store), turns: new Slots(1) },
    beside: setup.keysBeside && new Set(setup.keysBeside),
  };
  return {
    handle: async (job): Promise<UnloadDone | undefined> => {
      const { page: number, replaced } = job as UnloadJob;
      const { store } = unloader;
      try {
        const records = countedIn(volume.openPage(number), replaced);
        const counted = store.expect ? await expected(unloader, [...records]) : records;
        const rows = await inLanes(counted, store.lanes, (record) => {
          if (control.stopped) throw new Stopped();
          return unloadObject(unloader, record);
        });
        return summarize(unloader, number, rows, await store.flush());
      } catch (error) {
        if (error instanceof Stopped) return undefined;
        throw error;
      }
    },
    finish: async () => {
      await unloader.digester.close();
      unloader.reader.close();
      await unloader.store.close();
    },
  };
}

/** Lets a remote store look up the keys of a page together. */
async function expected(unloader: Unloader, records: ObjectRecord[]): Promise<ObjectRecord[]> {
  const { store } = unloader;
  const keys = records.map((record) => keyOf(unloader, record));
  await store.expect?.(keys.filter((key) => !keyProblem(key, store.keyRules)));
  return records;
}

/** The key that an object gets in the store. */
const keyOf = ({ setup, beside }: Unloader, record: ObjectRecord): Buffer =>
  beside ? mappedPath(record, beside) : Buffer.concat([Buffer.from(setup.prefix), record.key]);

/** A page's lines and counts. What the store could not keep after all has failed. */
function summarize(
  { beside }: Unloader,
  page: number,
  rows: ReportRow[],
  problems: FlushProblem[],
): UnloadDone {
  const late = new Map(
    problems.map(({ key, error }) => [printableKey(beside ? keyOfPath(key) : key), error]),
  );
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
  /** Where names are mapped. */
  beside: ReadonlySet<string> | undefined;
  /** Whose turn it is to read from the volume, where several objects are on their way. */
  turns: Slots;
}

async function unloadObject(unloader: Unloader, record: ObjectRecord): Promise<ReportRow> {
  const key = keyOf(unloader, record);
  const row = (result: ObjectResult, reason: ErrorCode | '' = '', detail = '') =>
    objectRow(record, unloader.beside ? record.key : key, result, reason, detail);
  const { control } = unloader;
  const renamed =
    unloader.beside && !key.equals(record.key) ? `as ${JSON.stringify(key.toString())}` : '';
  try {
    const result = await putObject(unloader, record, key);
    control.add('objects', 1);
    const kept = record.meta && readMeta(record)?.kept;
    if (!kept) return row(result, '', renamed);
    return row(result, 'StepFailedKept', describeError('StepFailedKept', kept).message);
  } catch (error) {
    if (!isWaybillError(error, ...OBJECT_ERRORS)) throw error;
    control.add('failed', 1);
    const hint = isNameProblem(unloader, error) ? '; restore --map has a name for it' : '';
    return row('failed', error.code, `${error.message}${hint}`);
  }
}

/** Whether an object has no name in the tree, and would have one if names were mapped. */
const isNameProblem = ({ setup, beside }: Unloader, error: WaybillError): boolean =>
  !beside &&
  'root' in setup.store &&
  setup.store.isTree === true &&
  isWaybillError(error, 'KeyRefused', 'StoreKeyConflict');

async function putObject(
  unloader: Unloader,
  record: ObjectRecord,
  key: Buffer,
): Promise<ObjectResult> {
  const { store, setup, control } = unloader;
  const detail = keyProblem(key, store.keyRules);
  if (detail) throw new WaybillError('KeyRefused', { detail });
  if (record.kind === 'other') throw new WaybillError('ObjectKindUnknown');
  const there = await store.stat(key);
  if (there && record.kind === 'directory') return 'already-present';
  const { bytes, mtimeNs, mode, sha256, crc32: crc } = record;
  const { contentEncoding, contentType } = (record.meta && readMeta(record)) ?? {};
  const object: NewObject = {
    ...{ key, bytes, mtimeNs, mode: mode & 0o777, sha256, crc32: crc },
    ...(contentEncoding && { contentEncoding }),
    ...(contentType && { contentType }),
  };
  const isSame = () => there?.bytes === record.bytes && holds(store, object);
  if (there && setup.overwrite !== 'always' && (await isSame())) {
    control.add('bytes', record.bytes);
    return 'already-present';
  }
  if (there && setup.overwrite === 'never') throw new WaybillError('ObjectExists');
  const writer = await store.put({ ...object, onlyIfAbsent: setup.overwrite === 'never' });
  const turn = store.lanes > 1 ? await unloader.turns.take(1) : undefined;
  try {
    await copyChecked(unloader, record, writer);
  } catch (error) {
    await (error instanceof Stopped && writer.suspend ? writer.suspend() : writer.abort());
    throw error;
  } finally {
    turn?.();
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

/** Whether the store has an object with these very bytes. It says so itself, or they are read. */
export async function holds(store: Store, object: NewObject): Promise<boolean> {
  const said = await store.holds?.(object);
  if (said !== undefined) return said;
  const reader = await store.open(object.key);
  try {
    const sha256 = createHash('sha256');
    const buffer = Buffer.allocUnsafe(Math.min(1024 * 1024, object.bytes + 1));
    for (;;) {
      const got = await reader.read(buffer, 0, buffer.length);
      if (got === 0) return sha256.digest().equals(object.sha256 ?? Buffer.alloc(0));
      sha256.update(buffer.subarray(0, got));
    }
  } finally {
    await reader.close();
  }
}
