import { closeSync, fstatSync, fsyncSync, readFileSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import { printableKey } from '../../domain/report.ts';
import { Stopped } from '../../domain/stopped.ts';
import { DeviceFiles } from '../../files/device.ts';
import type { DeviceName } from '../../files/device-folder.ts';
import { onDevice, publish, temporaryOf } from '../../files/durable.ts';
import { makeFolders, writeAll } from '../../files/file-access.ts';
import { PAYLOAD_DIR, TAG_FILES } from '../../volume/bag/tags.ts';
import {
  LABEL_PATH,
  LOCK_PATH,
  SEAL_PATH,
  SIGNATURE_PATH,
  VOLUME_DIR,
} from '../../volume/layout.ts';
import { type RunOptions, withProgress } from '../progress/progress.ts';
import { Control } from '../threads/control.ts';
import { typedErrors } from '../threads/typed-errors.ts';

interface Totals {
  files: number;
  bytes: number;
}

export interface EraseResult extends Totals {
  /** What was done, for the certificate. */
  method: string;
}

/** Which volume is erased, proved by its seal just before. */
export interface ErasureProof {
  volumeId: string;
  /** SHA-256 of seal.bin, hex. */
  sealDigest: string;
}

export interface EraseOptions extends RunOptions {
  deviceDir: string;
  stateDir: string;
  /** Undefined for a device that cannot prove itself, and is erased all the same. */
  proof?: ErasureProof | undefined;
  /** Called before each file: throws when the device is not the one any more that was proved. */
  check?: (() => void) | undefined;
}

/** Names of what a volume puts at the top of a device; nothing else is touched. */
const OURS: readonly string[] = [
  VOLUME_DIR,
  PAYLOAD_DIR,
  ...TAG_FILES.flatMap((name) => [name, temporaryOf(name)]),
];
const BLOCK_BYTES = 1024 * 1024;
/** How often others get their turn while a large file is overwritten. */
const YIELD_BYTES = 64 * BLOCK_BYTES;
/** How far a file with holes is searched for what is in it. */
const HOLES_MAX = 1024 ** 4;
const PIECE_BYTES = 4096;
/** What a file system may keep beside a file's name, without a block. */
const INLINE_MAX = 64 * 1024;

/** In the state of a job: what was found on its device, so that the certificate names all of it. */
const NOTE = 'erase.json';

/** What this host knows of an erasure that it began. */
interface Note extends Totals, Partial<ErasureProof> {
  /** Files that had other names, which were only removed. */
  linked?: Totals | undefined;
  /** All that the volume held is gone; seal and label may be, too. */
  cleared?: boolean | undefined;
}

/** They prove what is being erased for as long as there is anything to erase: they go after everything else. */
const PROOFS = [SEAL_PATH, SIGNATURE_PATH];
const KEPT = [LABEL_PATH, ...PROOFS];

/**
 * Overwrites every file of a volume with zeros, once, and removes it (NIST SP 800-88 "clear" for magnetic
 * media as far as a file system reaches; a provider's own disks want the drive's sanitize command besides).
 * The seal goes after everything else, so that an erasure that was cut off goes on with a device that proves itself;
 * from then on the host's own note does. The label goes last and at once, so that a device is the job's or blank
 * whenever an erasure is cut off. Throws DeviceIo, DeviceReadOnly, StateUnavailable, and what `check` throws.
 */
export function eraseDevice(options: EraseOptions): Promise<EraseResult> {
  return typedErrors(options, () => erase(options));
}

/** The proof of the volume of a job that this host has overwritten all of but, perhaps, seal and label. */
export function clearedProof(stateDir: string): ErasureProof | undefined {
  const { cleared, volumeId, sealDigest } = readNote(join(stateDir, NOTE)) ?? {};
  return cleared && volumeId && sealDigest ? { volumeId, sealDigest } : undefined;
}

/** The proof of the volume of a job that this host has begun to erase. */
export function begunProof(stateDir: string): ErasureProof | undefined {
  const { volumeId, sealDigest } = readNote(join(stateDir, NOTE)) ?? {};
  return volumeId && sealDigest ? { volumeId, sealDigest } : undefined;
}

async function erase(options: EraseOptions): Promise<EraseResult> {
  const { deviceDir, stateDir, proof } = options;
  const device = new DeviceFiles(deviceDir);
  const control = new Control();
  const notePath = join(stateDir, NOTE);
  const total = noted(notePath, { ...countFiles(device), ...proof });
  const totals = { objects: total.files, bytes: total.bytes };
  const zeros = Buffer.alloc(BLOCK_BYTES);
  const linked = { files: 0, bytes: 0, ...total.linked };
  total.linked = linked;
  const eraseFile = async (path: DeviceName) => {
    const { bytes, hasOtherNames } = await overwrite(device, path, zeros, control);
    device.remove(path);
    if (hasOtherNames) {
      linked.files += 1;
      linked.bytes += bytes;
      keepNote(notePath, total);
    }
    control.add('objects', 1);
    control.add('bytes', bytes);
  };
  await withProgress({ phase: 'erase', control, totals }, options, async () => {
    // A folder that changes while it is listed may hide a name: what is listed last is empty.
    for (let found = 1; found > 0; ) {
      found = 0;
      for (const path of filesOn(device)) {
        if (KEPT.includes(path.toString('latin1'))) continue;
        options.check?.();
        await eraseFile(path);
        found += 1;
        await new Promise(setImmediate);
        if (control.stopped) throw new Stopped();
      }
    }
    options.check?.();
    removeFolders(device);
    keepNote(notePath, { ...total, cleared: true });
    for (const path of PROOFS) if (device.entry(path)) await eraseFile(path);
    await eraseLabel(device, eraseFile);
    device.remove(VOLUME_DIR);
    device.syncFolder();
  });
  const { files, bytes } = total;
  return { files, bytes: Math.max(0, bytes - linked.bytes), method: methodOf(linked) };
}

const METHOD = 'files overwritten with zeros once, then removed';

function methodOf({ files }: Totals): string {
  if (files === 0) return METHOD;
  const which =
    files === 1 ? '1 file had other names and was' : `${files} files had other names and were`;
  return `${METHOD}; ${which} only removed`;
}

/** Files, and what else is no folder, of what a volume puts on a device. One that is held until the end is left out. */
function* filesOn(device: DeviceFiles): Generator<Buffer> {
  for (const name of OURS) {
    const kind = device.entry(name)?.kind;
    if (kind === 'folder') {
      for (const entry of device.walk(name))
        if (entry.kind !== 'folder' && entry.path.toString('latin1') !== LOCK_PATH)
          yield entry.path;
    } else if (kind) yield Buffer.from(name);
  }
}

function countFiles(device: DeviceFiles): Totals {
  const totals = { files: 0, bytes: 0 };
  for (const path of filesOn(device)) {
    totals.files += 1;
    totals.bytes += device.entry(path)?.bytes ?? 0;
  }
  return totals;
}

/** The most that any run has found on the device: one that goes on finds less. */
function noted(path: string, found: Note): Note {
  const before = readNote(path);
  const isSame = (before?.sealDigest ?? found.sealDigest) === found.sealDigest;
  const note: Note = { ...found, cleared: isSame ? before?.cleared : undefined };
  if (isSame) note.linked = before?.linked;
  if (before && before.files > found.files) {
    note.files = before.files;
    note.bytes = before.bytes;
  }
  keepNote(path, note);
  return note;
}

function keepNote(path: string, note: Note): void {
  makeFolders(dirname(path), 0o700);
  publish(path, `${JSON.stringify(note)}\n`, 0o600);
}

/** What an earlier run noted; a note of an older program says less. */
function readNote(path: string): Note | undefined {
  try {
    const { files, bytes, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Note>;
    return { ...rest, files: Number(files), bytes: Number(bytes) };
  } catch {
    return undefined;
  }
}

/** Takes away everything but label and seal: by now only folders. */
function removeFolders(device: DeviceFiles): void {
  for (const name of OURS) if (name !== VOLUME_DIR) device.remove(name);
  if (device.entry(VOLUME_DIR)?.kind !== 'folder') return;
  for (const { name } of device.entries(VOLUME_DIR)) {
    const path = `${VOLUME_DIR}/${name.toString('latin1')}`;
    if (path !== LOCK_PATH && !KEPT.includes(path)) device.remove(Buffer.from(path, 'latin1'));
  }
  device.syncFolder(VOLUME_DIR);
}

/** A label that is half overwritten would be nobody's: it loses its name first. */
async function eraseLabel(
  device: DeviceFiles,
  eraseFile: (path: DeviceName) => Promise<void>,
): Promise<void> {
  if (!device.entry(LABEL_PATH)) return;
  const nameless = temporaryOf(LABEL_PATH);
  device.remove(nameless);
  device.rename(LABEL_PATH, basename(nameless));
  device.syncFolder(VOLUME_DIR);
  await eraseFile(nameless);
}

/**
 * Overwrites a regular file, never what a link stands for; returns its size. One that has other names is left as it is: its
 * bytes are somebody else's, too, such as the host's where a folder stands for a device. Holes stay holes: a file may claim to be
 * larger than any disk. Throws Stopped, DeviceHostile, DeviceIo.
 */
async function overwrite(
  device: DeviceFiles,
  path: DeviceName,
  zeros: Buffer,
  control: Control,
): Promise<{ bytes: number; hasOtherNames: boolean }> {
  const fd = device.openToErase(path);
  if (fd === undefined) return { bytes: 0, hasOtherNames: false };
  try {
    const { size, blocks } = blocksOf(fd);
    if (fstatSync(fd).nlink > 1) return { bytes: size, hasOtherNames: true };
    const hasHoles = blocks * 512 < size;
    const isEmpty = blocks === 0 && size > INLINE_MAX;
    const read = hasHoles ? Buffer.allocUnsafe(zeros.length) : undefined;
    for (let at = 0; at < size && !isEmpty; ) {
      const length = Math.min(zeros.length, size - at);
      if (hasHoles && at > HOLES_MAX) throw endless(path);
      onDevice(device.root, () => {
        if (read) overwriteData(fd, read.subarray(0, length), zeros, at);
        else writeAll(fd, zeros.subarray(0, length), at);
      });
      at += length;
      if (at % YIELD_BYTES === 0) await new Promise(setImmediate);
      if (control.stopped) throw new Stopped();
    }
    onDevice(device.root, () => fsyncSync(fd));
    return { bytes: size, hasOtherNames: false };
  } finally {
    closeSync(fd);
  }
}

/** Blocks are counted in 512 bytes. Some file systems count those of a file only when it is synced. */
function blocksOf(fd: number): { size: number; blocks: number } {
  const stat = fstatSync(fd);
  if (stat.blocks * 512 >= stat.size) return stat;
  fsyncSync(fd);
  return fstatSync(fd);
}

const endless = (path: DeviceName): WaybillError =>
  new WaybillError('DeviceHostile', {
    found: 'a file without an end',
    wanted: 'a file',
    path: printableKey(Buffer.from(path)),
  });

/** Overwrites what is not zero from an offset on, in pieces as small as a block. */
function overwriteData(fd: number, target: Buffer, zeros: Buffer, from: number): void {
  const got = readSync(fd, target, 0, target.length, from);
  if (target.subarray(0, got).equals(zeros.subarray(0, got))) return;
  for (let at = 0; at < got; at += PIECE_BYTES) {
    const piece = target.subarray(at, Math.min(at + PIECE_BYTES, got));
    const blank = zeros.subarray(0, piece.length);
    if (!piece.equals(blank)) writeAll(fd, blank, from + at);
  }
}
