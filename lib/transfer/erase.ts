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
import { LABEL_PATH, VOLUME_DIR } from '../volume/layout.ts';
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

/** Names of what a volume puts at the top of a device; nothing else is touched. */
const OURS = [VOLUME_DIR, PAYLOAD_DIR, ...TAG_FILES];
const BLOCK_BYTES = 1024 * 1024;

/** In the state of a job: what was found on its device, so that the certificate names all of it. */
const NOTE = 'erase.json';

/**
 * Overwrites every file of a volume with zeros, once, and removes it (NIST SP 800-88 "clear" for magnetic
 * media as far as a file system reaches; a provider's own disks want the drive's sanitize command besides).
 * The label goes last and at once, so that a device is the job's or blank whenever an erasure is cut off; run again
 * it goes on. Throws DeviceIo, DeviceReadOnly, StateUnavailable.
 */
export function eraseDevice(
  options: RunOptions & { deviceDir: string; stateDir: string },
): Promise<EraseResult> {
  return typedErrors(options, () => erase(options));
}

async function erase(
  options: RunOptions & { deviceDir: string; stateDir: string },
): Promise<EraseResult> {
  const { deviceDir, stateDir, signal } = options;
  const control = new Control();
  const label = join(deviceDir, LABEL_PATH);
  const isLabel = ({ path }: FileOnDevice) => path.equals(Buffer.from(label));
  const files = OURS.flatMap((name) => [...filesBelow(join(deviceDir, name))]);
  const total = noted(join(stateDir, NOTE), {
    files: files.length,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
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
    for (const file of files.filter((one) => !isLabel(one))) {
      onDevice(deviceDir, () => overwrite(file, zeros));
      erased(file);
      await new Promise(setImmediate);
      if (signal?.aborted) throw new Stopped();
    }
    onDevice(deviceDir, () => {
      removeFolders(deviceDir);
      for (const file of files.filter(isLabel)) {
        removeLabel(file, zeros);
        erased(file);
      }
      rmSync(join(deviceDir, VOLUME_DIR), { recursive: true, force: true });
      syncPath(deviceDir);
    });
  } finally {
    stopTicking();
  }
  return { ...total, method: 'files overwritten with zeros once, then removed' };
}

/** The most that any run has found on the device: one that goes on finds less. */
function noted(path: string, found: Totals): Totals {
  const before = readNote(path);
  const total = before && before.files > found.files ? before : found;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  publish(path, `${JSON.stringify(total)}\n`, 0o600);
  return total;
}

function readNote(path: string): Totals | undefined {
  try {
    const { files, bytes } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Totals>;
    return { files: Number(files), bytes: Number(bytes) };
  } catch {
    return undefined;
  }
}

/** Takes away everything but the label. */
function removeFolders(deviceDir: string): void {
  for (const name of OURS.filter((one) => one !== VOLUME_DIR))
    rmSync(join(deviceDir, name), { recursive: true, force: true });
  const volume = join(deviceDir, VOLUME_DIR);
  if (!existsSync(volume)) return;
  for (const name of readdirSync(volume))
    if (join(VOLUME_DIR, name) !== LABEL_PATH)
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
