import { closeSync, fsyncSync, lstatSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { syncPath } from '../stores/sync-tree.ts';
import { PAYLOAD_DIR, TAG_FILES } from '../volume/bag-tags.ts';
import { onDevice } from '../volume/durable.ts';
import { VOLUME_DIR } from '../volume/layout.ts';
import { Control, Stopped } from './control.ts';
import { type RunOptions, startTicking } from './progress.ts';

export interface EraseResult {
  files: number;
  bytes: number;
  /** What was done, for the certificate. */
  method: string;
}

/** Names of what a volume puts at the top of a device; nothing else is touched. */
const OURS = [VOLUME_DIR, PAYLOAD_DIR, ...TAG_FILES];
const BLOCK_BYTES = 1024 * 1024;

/**
 * Overwrites every file of a volume with zeros, once, and removes it (NIST SP 800-88 "clear" for magnetic
 * media as far as a file system reaches; a provider's own disks want the drive's sanitize command besides).
 * The label goes last, so that an erasure that was stopped can be told from a foreign device.
 */
export async function eraseDevice(
  options: RunOptions & { deviceDir: string },
): Promise<EraseResult> {
  const { deviceDir, signal } = options;
  const control = new Control();
  const files = OURS.flatMap((name) => [...filesBelow(join(deviceDir, name))]).sort(labelLast);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const stopTicking = startTicking(
    'erase',
    control,
    { objects: files.length, bytes },
    options.onEvent,
  );
  const zeros = Buffer.alloc(BLOCK_BYTES);
  try {
    for (const file of files) {
      onDevice(deviceDir, () => overwrite(file, zeros));
      control.add('objects', 1);
      control.add('bytes', file.bytes);
      await new Promise(setImmediate);
      if (signal?.aborted) throw new Stopped();
    }
    onDevice(deviceDir, () => {
      for (const name of OURS) rmSync(join(deviceDir, name), { recursive: true, force: true });
      syncPath(deviceDir);
    });
  } finally {
    stopTicking();
  }
  return { files: files.length, bytes, method: 'files overwritten with zeros once, then removed' };
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

const isLabel = ({ path }: FileOnDevice): boolean =>
  path.toString('latin1').endsWith('/waybill/label.json');
const labelLast = (a: FileOnDevice, b: FileOnDevice): number =>
  Number(isLabel(a)) - Number(isLabel(b));

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
