import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { isWaybillError, WaybillError } from '../domain/errors.ts';
import { checkLimit } from '../domain/limits.ts';
import type { Option } from '../domain/words.ts';
import type { PartRecord } from '../volume/records.ts';
import { openVolume, type VolumeSpec, type VolumeWriter } from '../volume/volume.ts';
import { type Control, Stopped } from './control.ts';
import { decodeBatch, type ScanEntry } from './scan-list.ts';
import { openSource, type SourceObject, type SourceOpener, type SourceSpec } from './source.ts';
import type { Task } from './tasks.ts';

/** What a load's threads are given. */
export interface LoadSetup {
  volume: VolumeSpec;
  source: SourceSpec;
  option: Option;
  /** Size of the job's device, bytes. */
  sizeBytes: number;
}

/** One job of a thread: a batch of the scan list, and parts of its large files that are on the volume already. */
export interface LoadJob {
  batch: Uint8Array;
  parts: { key: Uint8Array; parts: PartRecord[] }[];
}

/** An object that could not be copied. */
export interface ObjectProblem {
  key: Uint8Array;
  code: string;
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
] as const;

/** Reads objects, takes their checksums and writes them to the volume. */
export function loadTask(
  setup: LoadSetup,
  control: Control,
  note: (note: ObjectProblem) => void,
): Task {
  const volume = openVolume(setup.volume);
  const writer = volume.writer(() => control.nextNumber());
  const open = openSource(setup.source);
  const copier = { setup, control, writer, open };
  return {
    handle: async (job) => {
      const { batch, parts } = job as LoadJob;
      for (const entry of decodeBatch(
        Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength),
      )) {
        if (control.stopped) return;
        try {
          await copyObject(copier, entry, partsOf(entry, parts));
          control.add('objects', 1);
        } catch (error) {
          if (error instanceof Stopped) return;
          if (!isWaybillError(error, ...OBJECT_ERRORS, 'ObjectChanged')) throw error;
          control.add('failed', 1);
          const facts = Object.fromEntries(
            Object.entries(error.facts).map(([k, v]) => [k, String(v)]),
          );
          note({ key: entry.key, code: error.code, facts });
        }
      }
    },
    finish: async () => writer.commit(),
  };
}

interface Copier {
  setup: LoadSetup;
  control: Control;
  writer: VolumeWriter;
  open: SourceOpener;
}

function partsOf(entry: ScanEntry, all: LoadJob['parts']): PartRecord[] {
  const found = all.find(({ key }) => entry.key.equals(key));
  return (found?.parts ?? []).map((part) => ({ ...part, key: Buffer.from(part.key) }));
}

/** Copies one object, again when it changes meanwhile. */
async function copyObject(copier: Copier, entry: ScanEntry, parts: PartRecord[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const object = await copier.open(entry);
    try {
      if (await copyOnce(copier, entry, object, attempt === 1 ? parts : [])) return;
    } finally {
      await object.close();
    }
    if (attempt === ATTEMPTS) throw new WaybillError('ObjectChanged');
  }
}

/** Returns false when the object changed while it was read. */
async function copyOnce(
  copier: Copier,
  entry: ScanEntry,
  object: SourceObject,
  parts: PartRecord[],
): Promise<boolean> {
  const { writer } = copier;
  const sums = { sha256: createHash('sha256'), crc32: 0, bytes: 0 };
  // A name that has become another file since the scan is no reason to trust its old parts.
  const known = parts.every(
    (part) => part.bytes === object.bytes && part.mtimeNs === object.mtimeNs,
  )
    ? parts
    : [];
  if (!(await skipParts(object, known, sums))) return false;
  copier.control.add('bytes', sums.bytes);
  writer.begin({
    key: Buffer.from(entry.key),
    mode: object.mode,
    mtimeNs: object.mtimeNs,
    bytes: object.bytes,
    replaces: entry.replaces,
    parts: known,
  });
  try {
    await copyBytes(copier, object, sums);
  } catch (error) {
    if (error instanceof Stopped) writer.suspend();
    else writer.abandon();
    throw error;
  }
  if (sums.bytes !== object.bytes || (await object.changed())) {
    writer.abandon();
    copier.control.add('bytes', -sums.bytes);
    return false;
  }
  writer.end(sums.bytes, { sha256: sums.sha256.digest(), crc32: sums.crc32 });
  return true;
}

interface Sums {
  sha256: Hash;
  crc32: number;
  bytes: number;
}

async function copyBytes(
  { writer, control, setup }: Copier,
  object: SourceObject,
  sums: Sums,
): Promise<void> {
  for (;;) {
    const space = writer.space();
    const answer = object.read(space);
    const got = typeof answer === 'number' ? answer : await answer;
    if (got === 0) return;
    const chunk = space.subarray(0, got);
    sums.sha256.update(chunk);
    sums.crc32 = crc32(chunk, sums.crc32);
    sums.bytes += got;
    writer.advance(got);
    checkLimit('writing', setup.option, setup.sizeBytes, control.add('bytes', got));
    if (control.stopped) throw new Stopped();
    // A file that grows for ever would fill the device: it has changed, and is tried again.
    if (sums.bytes > object.bytes) return;
  }
}

/** Reads what is on the volume already, for the checksums only. False when a part's bytes are not what was written. */
async function skipParts(object: SourceObject, parts: PartRecord[], sums: Sums): Promise<boolean> {
  const buffer = Buffer.allocUnsafeSlow(parts.length > 0 ? 1024 * 1024 : 0);
  for (const part of parts) {
    let left = part.extents.reduce((sum, extent) => sum + extent.length, 0);
    let partCrc = 0;
    while (left > 0) {
      const got = await object.read(buffer.subarray(0, Math.min(buffer.length, left)));
      if (got === 0) return false;
      const chunk = buffer.subarray(0, got);
      sums.sha256.update(chunk);
      sums.crc32 = crc32(chunk, sums.crc32);
      partCrc = crc32(chunk, partCrc);
      sums.bytes += got;
      left -= got;
    }
    if (partCrc !== part.crc32) return false;
  }
  return true;
}
