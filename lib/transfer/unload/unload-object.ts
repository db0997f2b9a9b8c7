import { createHash } from 'node:crypto';
import {
  describeError,
  type ErrorCode,
  isWaybillError,
  WaybillError,
} from '../../domain/errors.ts';
import { objectFault } from '../../domain/object-attempts.ts';
import { keyProblem } from '../../domain/object-keys.ts';
import type { ObjectResult, ReportRow } from '../../domain/report.ts';
import { Stopped } from '../../domain/stopped.ts';
import type { Semaphore } from '../../stores/remote/semaphore.ts';
import type { NewObject, ObjectWriter, Store } from '../../stores/store.ts';
import { readMeta } from '../../volume/catalog/record-metadata.ts';
import type { ObjectRecord } from '../../volume/catalog/records.ts';
import type { VolumeReader } from '../../volume/volume.ts';
import type { Digester } from '../checksums/digest-thread.ts';
import type { StoreJudge } from '../judge/store-judge.ts';
import { ObjectFailed, tryObject } from '../report/object-attempts.ts';
import { objectRow } from '../report/report-rows.ts';
import type { Control } from '../threads/control.ts';
import { mappedPath } from './key-map.ts';
import type { UnloadSetup } from './unload-setup.ts';

/** What writing objects needs: one thread's side of an unload. */
export interface Unloader {
  setup: UnloadSetup;
  control: Control;
  digester: Digester;
  reader: VolumeReader;
  store: Store;
  judge: StoreJudge;
  /** Where names are mapped. */
  beside: ReadonlySet<string> | undefined;
  /** Serializes reads from the volume; several objects may be in flight. */
  readLock: Semaphore;
}

/** An object of a page, and how often earlier runs tried it. */
export interface UnloadItem {
  record: ObjectRecord;
  /** Of the record in its page. */
  position: number;
  earlierAttempts: number;
}

/** The key that an object gets in the store. */
export const keyOf = (
  { setup, beside }: Pick<Unloader, 'setup' | 'beside'>,
  record: ObjectRecord,
): Buffer =>
  beside ? mappedPath(record, beside) : Buffer.concat([Buffer.from(setup.prefix), record.key]);

/** Writes an object, as often as that may help. Throws what is the store's as a whole, or the device's. */
export async function unloadObject(unloader: Unloader, item: UnloadItem): Promise<ReportRow> {
  const { record, earlierAttempts } = item;
  const { control, judge, setup, beside } = unloader;
  const key = keyOf(unloader, record);
  const writing: Writing = { record, key, wasAbsent: false, sentBytes: 0, lost: '' };
  const row = (tries: number, result: ObjectResult, reason: ErrorCode | '' = '', detail = '') => ({
    ...objectRow(record, beside ? record.key : key, result, reason, detail),
    attempts: earlierAttempts + tries,
  });
  const renamed = beside && !key.equals(record.key) ? `as ${JSON.stringify(key.toString())}` : '';
  try {
    const attempting = { judge, control, pausesMs: setup.pausesMs };
    const { value: result, attempts } = await tryObject(
      attempting,
      { key, bytes: record.bytes },
      () => putObject(unloader, writing),
    );
    control.add('objects', 1);
    if (result === 'written') control.land(record.bytes);
    const { kept, changing } = (record.meta && readMeta(record)) ?? {};
    const remarks = [renamed, writing.lost];
    if (changing) {
      const { message } = describeError('ChangingTaken');
      return row(
        attempts,
        result,
        'ChangingTaken',
        [message, ...remarks].filter(Boolean).join('; '),
      );
    }
    if (!kept) return row(attempts, result, '', remarks.filter(Boolean).join('; '));
    const { message } = describeError('StepFailedKept', kept);
    return row(attempts, result, 'StepFailedKept', message);
  } catch (error) {
    if (!(error instanceof ObjectFailed)) throw error;
    control.add('failed', 1);
    const { error: own, attempts } = error;
    const hint = isNameProblem(unloader, own.code) ? '; restore --map has a name for it' : '';
    return row(attempts, 'failed', own.code, `${own.message}${hint}`);
  }
}

/** Whether an object has no name in the tree, and would have one if names were mapped. */
export const isNameProblem = (
  { setup, beside }: Pick<Unloader, 'setup' | 'beside'>,
  code: ReportRow['reason'],
): boolean =>
  !beside &&
  'root' in setup.store &&
  setup.store.isTree === true &&
  (code === 'KeyRefused' || code === 'StoreKeyConflict');

/** One object over its attempts. */
interface Writing {
  record: ObjectRecord;
  key: Buffer;
  /** Nothing was under its key at the first look: what is there later, with the same bytes, was written here. */
  wasAbsent: boolean;
  /** Counted as progress by an attempt that did not end. */
  sentBytes: number;
  /** What the store has no place for, though it took the object. */
  lost: string;
}

async function putObject(unloader: Unloader, writing: Writing): Promise<ObjectResult> {
  const { store, setup, control } = unloader;
  const { record, key } = writing;
  control.add('bytes', -writing.sentBytes);
  writing.sentBytes = 0;
  const detail = keyProblem(key, store.keyRules);
  if (detail) throw new WaybillError('KeyRefused', { detail });
  if (record.kind === 'other') throw new WaybillError('ObjectKindUnknown');
  const there = await store.stat(key);
  if (!there) writing.wasAbsent = true;
  if (there && record.kind === 'directory') return 'already-present';
  const { bytes, mtimeNs, mode, sha256, crc32: crc } = record;
  const { contentEncoding, contentType } = (record.meta && readMeta(record)) ?? {};
  const object: NewObject = {
    key,
    bytes,
    mtimeNs,
    mode: mode & 0o777,
    sha256,
    crc32: crc,
    ...(contentEncoding && { contentEncoding }),
    ...(contentType && { contentType }),
  };
  const isSame = () => there?.bytes === record.bytes && holds(store, object);
  if (there && setup.overwrite !== 'always' && (await isSame())) {
    control.add('bytes', record.bytes);
    return writing.wasAbsent ? 'written' : 'already-present';
  }
  // An earlier attempt whose bytes were hurt on the way is nobody's object.
  const keeps = setup.overwrite === 'never';
  const isHurt = keeps && there !== undefined && (await store.claims?.(object)) === true;
  if (keeps && there && !isHurt) throw new WaybillError('ObjectExists');
  const onlyIfAbsent = keeps && !isHurt;
  const writer = await store.put({ ...object, onlyIfAbsent });
  const turn = store.concurrency > 1 ? await unloader.readLock.acquire(1) : undefined;
  try {
    await copyChecked(unloader, writing, writer);
  } catch (error) {
    await (isForNow(error) && writer.suspend ? writer.suspend() : writer.abort());
    throw error;
  } finally {
    turn?.();
  }
  await writer.commit();
  writing.lost = writer.lost?.() ?? '';
  return 'written';
}

/** What was sent may be of use to the next attempt, or to a later run. */
export const isForNow = (error: unknown): boolean =>
  error instanceof Stopped || (isWaybillError(error) && objectFault(error.code) === 'doubtful');

/** Streams an object and refuses it, before it is visible, when a byte differs from what the site read. */
async function copyChecked(
  unloader: Unloader,
  writing: Writing,
  writer: ObjectWriter,
): Promise<void> {
  const { control, reader, digester } = unloader;
  const { record } = writing;
  const digest = digester.begin(record.bytes);
  let bytes = 0;
  const take = (chunk: Buffer) => {
    if (control.stopped) throw new Stopped();
    digest.update(chunk);
    bytes += chunk.length;
    writing.sentBytes = bytes;
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
    throw new WaybillError('ChecksumMismatch', { detail: differs, read: 'volume' });
}

/** Whether the store has an object with these very bytes. It says so itself, or they are read. */
export async function holds(store: Store, object: NewObject): Promise<boolean> {
  const held = await store.holds?.(object);
  if (held !== undefined) return held;
  // What differs may have been hurt on the way here.
  return (await readsSame(store, object)) || (await readsSame(store, object));
}

async function readsSame(store: Store, object: NewObject): Promise<boolean> {
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
