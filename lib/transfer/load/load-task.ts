import { type ErrorCode, isWaybillError, WaybillError } from '../../domain/errors.ts';
import { checkLimit } from '../../domain/limits.ts';
import type { ProcessingResults } from '../../domain/processing-results.ts';
import type { Proof } from '../../domain/proofs.ts';
import { Stopped } from '../../domain/stopped.ts';
import { StepFailure } from '../../processing/object-stream.ts';
import { encodeMeta } from '../../volume/catalog/record-metadata.ts';
import type { PartRecord } from '../../volume/catalog/records.ts';
import { openVolume } from '../../volume/open-volume.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import type { ObjectDigest } from '../checksums/digest.ts';
import { Digester } from '../checksums/digest-thread.ts';
import { proveBytes } from '../checksums/prove-bytes.ts';
import { ReadJudge } from '../judge/read-judge.ts';
import type { ProcessingThread } from '../process/processing-thread.ts';
import { type ProcessingSetup, Processor } from '../process/processor.ts';
import {
  type EarlierAttempt,
  named,
  ObjectFailed,
  tryObject,
  tryOnce,
} from '../report/object-attempts.ts';
import { Prefetcher } from '../scan/prefetch.ts';
import { decodeBatch, type ScanEntry } from '../scan/scan-list.ts';
import { isRemote, isShortAnswer, openSource, shortAnswer } from '../scan/source.ts';
import type { SourceObject } from '../scan/source-spec.ts';
import { type Control, stopSignal } from '../threads/control.ts';
import type { Task, TaskKind } from '../threads/task.ts';
import type { LoadOptions } from './load-options.ts';

/** What a load's threads are given. */
export interface LoadSetup
  extends VolumeSpec,
    Pick<LoadOptions, 'source' | 'sizeBytes' | 'pausesMs'> {
  processing?: ProcessingSetup | undefined;
}

/** One job of a thread: a batch of the scan list, and parts of its large files that are on the volume already. */
export interface LoadJob {
  batch: Uint8Array;
  parts: { key: Uint8Array; parts: PartRecord[] }[];
}

/** An object that could not be copied. */
export interface ObjectProblem {
  key: Uint8Array;
  code: ErrorCode;
  facts: Record<string, string>;
}

const ATTEMPTS = 3;
/** What one object at a time can still fail with while the load goes on. */
const OBJECT_ERRORS = [
  'ObjectVanished',
  'ObjectUnreadable',
  'UnsupportedFileType',
  'KeyRefused',
  'StoreKeyConflict',
  'ObjectArchived',
  'ObjectRefused',
  'StepFailed',
  'ObjectTooLarge',
  'ChecksumMismatch',
  'ObjectUnanswered',
] as const;

export const LOAD_TASK: TaskKind<LoadSetup, LoadJob, ProcessingResults | undefined, ObjectProblem> =
  {
    name: 'load',
    make: loadTask,
  };

/** Reads objects, takes their checksums and writes them to the volume. */
function loadTask(
  { source, processing, ...setup }: LoadSetup,
  control: Control,
  note: (note: ObjectProblem) => void,
): Task<LoadJob, ProcessingResults | undefined> {
  const volume = openVolume(setup);
  const digester = new Digester(control);
  const writer = volume.writer(() => control.nextNumber(), digester.frames);
  const stop = stopSignal(control);
  const opener = openSource(source, stop.signal);
  const judge = source.kind === 'store' ? new ReadJudge(source, stop.signal) : undefined;
  const copier: Copier = {
    control,
    writer,
    open: opener,
    digester,
    judge,
    option: setup.label.option,
    sizeBytes: setup.sizeBytes,
    pausesMs: setup.pausesMs,
    takesChanging: source.kind === 'tree' && source.changing === 'take',
    note,
  };
  const processor = processing && new Processor(processing);
  /** Does the work for an entry; what is to be done for it later, or undefined. What is its own affair is noted. */
  const counted = async (
    entry: ScanEntry,
    work: () => Promise<EarlierAttempt | undefined>,
  ): Promise<EarlierAttempt | undefined> => {
    try {
      const again = await work();
      if (!again) {
        control.add('objects', 1);
        if (judge) control.land(entry.bytes);
      }
      return again;
    } catch (failure) {
      if (failure instanceof Stopped) return undefined;
      const error = failure instanceof ObjectFailed ? failure.error : failure;
      if (!isWaybillError(error, ...OBJECT_ERRORS, 'ObjectChanged')) throw error;
      control.add('failed', 1);
      const facts = Object.fromEntries(Object.entries(error.facts).map(([k, v]) => [k, String(v)]));
      note({ key: entry.key, code: error.code, facts });
      return undefined;
    }
  };
  const copyAll = async (
    copying: Copier,
    entries: Iterable<ScanEntry> | AsyncIterable<ScanEntry>,
    parts: LoadJob['parts'],
  ) => {
    const late: { entry: ScanEntry; earlier: EarlierAttempt }[] = [];
    for await (const entry of entries) {
      if (control.stopped) break;
      const earlier = await counted(entry, () =>
        processor?.works(entry)
          ? processObject(copying, processor, entry, note)
          : copyObject(copying, entry, partsOf(entry, parts)),
      );
      if (earlier) late.push({ entry, earlier });
    }
    // One key that hangs, however often, holds up no other.
    for (const { entry, earlier } of late) {
      if (control.stopped) break;
      await counted(entry, () => copyAgain(copying, entry, earlier));
    }
    return processor?.takeResults();
  };
  return {
    handle: async ({ batch, parts }) => {
      const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
      const entries = decodeBatch(bytes);
      const ahead = isRemote(source) ? new Prefetcher(opener, entries) : undefined;
      const copying = ahead ? { ...copier, open: ahead.open } : copier;
      try {
        return await copyAll(copying, ahead?.turns() ?? entries, parts);
      } finally {
        await ahead?.close();
      }
    },
    finish: async () => {
      await processor?.close();
      await digester.close();
      await judge?.close();
      stop.end();
      writer.commit();
    },
  };
}

/** What a thread copies with. */
interface Copier extends ProcessingThread, Pick<LoadSetup, 'pausesMs'> {
  digester: Digester;
  /** Of a store. */
  judge: ReadJudge | undefined;
  /** What changes while it is read is taken as far as its size when it was opened. */
  takesChanging: boolean;
  note: (note: ObjectProblem) => void;
}

const NO_PARTS: PartRecord[] = [];

function partsOf(entry: ScanEntry, all: LoadJob['parts']): PartRecord[] {
  if (all.length === 0) return NO_PARTS;
  const found = all.find(({ key }) => entry.key.equals(key));
  return (found?.parts ?? []).map((part) => ({ ...part, key: Buffer.from(part.key) }));
}

/** Processes one object, again when it changes meanwhile; when a step fails, by the plan's choice. */
async function processObject(
  copier: Copier,
  processor: Processor,
  entry: ScanEntry,
  note: (note: ObjectProblem) => void,
): Promise<undefined> {
  try {
    for (let attempt = 1; ; attempt += 1) {
      const afresh = attempt > 1 || entry.unsettled;
      const isProcessed = await processor.process(copier, entry, afresh).catch((error) => {
        if (!isShortAnswer(error)) throw error;
        if (attempt === ATTEMPTS) throw named(error, attempt);
        return false;
      });
      if (isProcessed) return undefined;
      if (attempt === ATTEMPTS) throw new WaybillError('ObjectChanged');
    }
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    const facts = { step: error.step, detail: error.detail };
    if (processor.plan.plan.onFailure === 'skip') throw new WaybillError('StepFailed', facts);
    await copyObject(copier, entry, [], processor.keptMeta(entry, error));
    note({ key: entry.key, code: 'StepFailedKept', facts });
    return undefined;
  }
}

/**
 * Copies one object. One of a store that gives no answer, or other bytes than the store says, is to be tried again: then the
 * attempt is returned. Throws ObjectFailed.
 */
async function copyObject(
  copier: Copier,
  entry: ScanEntry,
  parts: PartRecord[],
  meta?: Record<string, unknown>,
): Promise<EarlierAttempt | undefined> {
  const { judge, control, pausesMs } = copier;
  const copy = () => copySettled(copier, entry, { parts, meta, isAgain: false });
  if (!judge) {
    await copy();
    return undefined;
  }
  const tried = await tryOnce({ judge, control, pausesMs }, entry, 1, copy);
  if ('pauseMs' in tried) return { attempt: 1, pauseMs: tried.pauseMs };
  judge.note(entry.key);
  return undefined;
}

/** Copies an object of a store after an earlier attempt, a bounded number of times. Throws ObjectFailed. */
async function copyAgain(
  copier: Copier,
  entry: ScanEntry,
  earlier: EarlierAttempt,
): Promise<undefined> {
  const { judge, control, pausesMs } = copier;
  if (!judge) return undefined;
  const copy = () => copySettled(copier, entry, { parts: [], meta: undefined, isAgain: true });
  await tryObject({ judge, control, pausesMs }, entry, copy, earlier);
  judge.note(entry.key);
  return undefined;
}

interface CopyAttempt {
  parts: PartRecord[];
  meta: Record<string, unknown> | undefined;
  /** It was tried before. */
  isAgain: boolean;
}

/** Copies one object, again when it changes meanwhile. */
async function copySettled(
  copier: Copier,
  entry: ScanEntry,
  { parts, meta, isAgain }: CopyAttempt,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const isAfresh = isAgain || attempt > 1 || entry.unsettled || copier.takesChanging;
    const object = await copier.open(entry, isAfresh);
    try {
      if (await copyOnce(copier, { entry, meta }, object, attempt === 1 ? parts : [])) return;
    } finally {
      await object.close();
    }
    if (attempt === ATTEMPTS) throw new WaybillError('ObjectChanged');
  }
}

/** An object on its way. */
interface Copy {
  object: SourceObject;
  digest: ObjectDigest;
  /** Read so far, with what was on the volume before. */
  bytes: number;
}

/** Returns false when the object changed while it was read. Throws ChecksumMismatch. */
async function copyOnce(
  copier: Copier,
  { entry, meta }: { entry: ScanEntry; meta: Record<string, unknown> | undefined },
  object: SourceObject,
  parts: PartRecord[],
): Promise<boolean> {
  const { writer, digester, control } = copier;
  const copy: Copy = { object, digest: digester.begin(object.bytes), bytes: 0 };
  if (parts.length > 0) {
    if (!(await skipParts(copier, copy, parts))) return false;
    control.add('bytes', copy.bytes);
    control.add('written', copy.bytes);
  }
  writer.begin({
    key: entry.key,
    mode: object.mode,
    mtimeNs: object.mtimeNs,
    bytes: object.bytes,
    replaces: entry.replaces,
    parts,
    endPart: () => copy.digest.endPart(),
  });
  try {
    await copyBytes(copier, copy);
  } catch (error) {
    if (error instanceof Stopped) writer.suspend();
    else withdraw(copier, copy);
    throw error;
  }
  const isUnchanged = await isWhole(copier, copy);
  // Read once: a file that grows takes its room once.
  const isTaken = !isUnchanged && copier.takesChanging && copy.bytes === object.bytes;
  if (!isUnchanged && !isTaken) {
    withdraw(copier, copy);
    return false;
  }
  const sums = copy.digest.finish();
  let proof: Proof | undefined;
  try {
    proof = await proveBytes(copier, entry, object, sums);
  } catch (error) {
    if (error instanceof Stopped) writer.suspend();
    else withdraw(copier, copy);
    throw error;
  }
  const own = isTaken && !meta ? encodeMeta({ changing: true }) : meta;
  writer.end(copy.bytes, sums, proof === undefined ? own : encodeMeta({ proof }));
  control.add('writtenObjects', 1);
  if (isTaken) copier.note({ key: entry.key, code: 'ChangingTaken', facts: {} });
  return true;
}

/** Whether all of an object was read, as it still is. Withdraws it and throws StoreUnavailable when a store gave less than it has. */
async function isWhole(copier: Copier, copy: Copy): Promise<boolean> {
  const { object, bytes } = copy;
  try {
    if (await object.changed()) return false;
    if (copier.judge && bytes < object.bytes) throw shortAnswer(bytes, object.bytes);
  } catch (error) {
    withdraw(copier, copy);
    throw error;
  }
  return bytes === object.bytes;
}

/** Takes back what was written of an object. */
function withdraw({ writer, control }: Copier, { bytes }: Copy): void {
  writer.abandon();
  control.add('bytes', -bytes);
  control.add('written', -bytes);
}

async function copyBytes(copier: Copier, copy: Copy): Promise<void> {
  const { writer, control, option, sizeBytes } = copier;
  const { object, digest } = copy;
  for (;;) {
    const space = writer.space();
    // Of an empty one a byte more, which shows what is not as long as it says.
    const most = copier.takesChanging ? Math.max(1, object.bytes - copy.bytes) : space.length;
    const answer = object.read(space.subarray(0, most));
    const got = typeof answer === 'number' ? answer : await answer;
    if (got === 0) return;
    digest.update(space.subarray(0, got));
    copy.bytes += got;
    writer.advance(got);
    control.add('bytes', got);
    checkLimit('writing', option, sizeBytes, control.add('written', got));
    if (control.stopped) throw new Stopped();
    // All that there should be; whether there is more, and a file that grows for ever, shows in its size.
    if (copy.bytes >= object.bytes) return;
  }
}

/**
 * Reads what is on the volume already, for the checksums only. False when a part's bytes are not what was
 * written.
 */
async function skipParts(
  { digester, control }: Copier,
  copy: Copy,
  parts: PartRecord[],
): Promise<boolean> {
  for (const part of parts) {
    let left = part.extents.reduce((sum, extent) => sum + extent.length, 0);
    while (left > 0) {
      const frame = digester.scratch.next();
      const got = await copy.object.read(frame.subarray(0, Math.min(frame.length, left)));
      if (got === 0) return false;
      copy.digest.update(frame.subarray(0, got));
      copy.bytes += got;
      left -= got;
      if (control.stopped) throw new Stopped();
    }
    if (copy.digest.endPart() !== part.crc32) return false;
  }
  return true;
}
