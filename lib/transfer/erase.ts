import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { onDevice, publish, temporaryOf } from '../files/durable.ts';
import { syncPath } from '../files/sync.ts';
import { PAYLOAD_DIR, TAG_FILES } from '../volume/bag-tags.ts';
import { LABEL_PATH, LOCK_PATH, SEAL_PATH, SIGNATURE_PATH, VOLUME_DIR } from '../volume/layout.ts';
import { Control, Stopped } from './control.ts';
import { type RunOptions, startTicking } from './progress.ts';
import { typedErrors } from './typed-errors.ts';

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
const OURS = [VOLUME_DIR, PAYLOAD_DIR, ...TAG_FILES];
const BLOCK_BYTES = 1024 * 1024;

/** In the state of a job: what was found on its device, so that the certificate names all of it. */
const NOTE = 'erase.json';

/** What this host knows of an erasure that it began. */
interface Note extends Totals, Partial<ErasureProof> {
  /** All that the volume held is gone; seal and label may be, too. */
  cleared?: boolean | undefined;
}

/** They prove what is being erased for as long as there is anything to erase: they go after everything else. */
const PROOFS = [SEAL_PATH, SIGNATURE_PATH];

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

async function erase(options: EraseOptions): Promise<EraseResult> {
  const { deviceDir, stateDir, signal, proof } = options;
  const control = new Control();
  const notePath = join(stateDir, NOTE);
  const kept = [LABEL_PATH, ...PROOFS].map((path) => Buffer.from(join(deviceDir, path)));
  const [label, ...proofs] = kept;
  const isOneOf = (paths: (Buffer | undefined)[], { path }: FileOnDevice) =>
    paths.some((one) => one?.equals(path));
  const lock = Buffer.from(join(deviceDir, LOCK_PATH));
  const files = OURS.flatMap((name) => [...filesBelow(join(deviceDir, name))]).filter(
    // It is held until the end.
    ({ path }) => !path.equals(lock),
  );
  const total = noted(notePath, {
    files: files.length,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    ...proof,
  });
  const stopTicking = startTicking(
    'erase',
    control,
    { objects: total.files, bytes: total.bytes },
    options.onEvent,
  );
  const zeros = Buffer.alloc(BLOCK_BYTES);
  const erased = (file: FileOnDevice) => {
    control.add('objects', 1);
    control.add('bytes', file.bytes);
  };
  try {
    for (const file of files.filter((one) => !isOneOf(kept, one))) {
      options.check?.();
      onDevice(deviceDir, () => overwrite(file, zeros));
      erased(file);
      await new Promise(setImmediate);
      if (signal?.aborted) throw new Stopped();
    }
    options.check?.();
    onDevice(deviceDir, () => {
      removeFolders(deviceDir);
      keepNote(notePath, { ...total, cleared: true });
      for (const file of files.filter((one) => isOneOf(proofs, one))) {
        overwrite(file, zeros);
        erased(file);
      }
      for (const file of files.filter((one) => isOneOf([label], one))) {
        removeLabel(file, zeros);
        erased(file);
      }
      rmSync(join(deviceDir, VOLUME_DIR), { recursive: true, force: true });
      syncPath(deviceDir);
    });
  } finally {
    stopTicking();
  }
  const { files: count, bytes } = total;
  return { files: count, bytes, method: 'files overwritten with zeros once, then removed' };
}

/** The most that any run has found on the device: one that goes on finds less. */
function noted(path: string, found: Note): Note {
  const before = readNote(path);
  const isSame = (before?.sealDigest ?? found.sealDigest) === found.sealDigest;
  const note: Note = { ...found, cleared: isSame ? before?.cleared : undefined };
  if (before && before.files > found.files) {
    note.files = before.files;
    note.bytes = before.bytes;
  }
  keepNote(path, note);
  return note;
}

function keepNote(path: string, note: Note): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
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

/** Takes away everything but label and seal. */
function removeFolders(deviceDir: string): void {
  for (const name of OURS.filter((one) => one !== VOLUME_DIR))
    rmSync(join(deviceDir, name), { recursive: true, force: true });
  const volume = join(deviceDir, VOLUME_DIR);
  if (!existsSync(volume)) return;
  for (const name of readdirSync(volume))
    if (![LABEL_PATH, LOCK_PATH, ...PROOFS].includes(join(VOLUME_DIR, name)))
      rmSync(join(volume, name), { recursive: true, force: true });
  syncPath(volume);
}

/** A label that is half overwritten would be nobody's: it loses its name first. */
function removeLabel(label: FileOnDevice, zeros: Buffer): void {
  const path = label.path.toString();
  const nameless = temporaryOf(path);
  renameSync(path, nameless);
  syncPath(dirname(path));
  overwrite({ ...label, path: Buffer.from(nameless) }, zeros);
}

interface FileOnDevice {
  path: Buffer;
  bytes: number;
  isFile: boolean;
}

function* filesBelow(path: string | Buffer): Generator<FileOnDevice> {
  const at = Buffer.isBuffer(path) ? path : Buffer.from(path);
  const stat = lstatSync(at, { throwIfNoEntry: false });
  if (!stat) return;
  if (!stat.isDirectory()) {
    yield { path: at, bytes: stat.isFile() ? stat.size : 0, isFile: stat.isFile() };
    return;
  }
  for (const name of readdirSync(at, { encoding: 'buffer' })) {
    yield* filesBelow(Buffer.concat([at, Buffer.from('/'), name]));
  }
}

function overwrite(file: FileOnDevice, zeros: Buffer): void {
  if (file.isFile) {
    const fd = openSync(file.path, 'r+');
    try {
      for (let at = 0; at < file.bytes; ) {
        at += writeSync(fd, zeros, 0, Math.min(zeros.length, file.bytes - at), at);
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
  rmSync(file.path, { force: true });
}
