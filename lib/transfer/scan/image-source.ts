import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import { errnoOf } from '../../files/errno.ts';
import type { LoadedIndex } from '../../volume/index/load-index.ts';
import type { ScanEntry } from './scan-list.ts';
import { entryOf, readProblem } from './scan-tree.ts';
import type { ImageSource, SourceObject } from './source-spec.ts';

/**
 * A raw image as a source: a block device, from its first byte to its last, or a file that holds what was on one.
 * It is one object. Nothing but its system knows whether a device is as it was, so this asks how often it has been
 * written to, and holds it while it is open: nobody mounts it then.
 */

export const isBlockDevice = (path: string): boolean => statOf(path)?.isBlockDevice() === true;

/** What is at a path, behind links; undefined when nobody can tell. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

/** Throws SourceNotFound, SourceInUse. */
export function checkImage(path: string): void {
  try {
    new OpenDevice(path).close();
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'EBUSY') throw new WaybillError('SourceInUse', { path });
    if (code === undefined) throw error;
    throw new WaybillError('SourceNotFound', { path, detail: code });
  }
}

/** The image as a scan sees it. `stateDir` is where this host has noted devices; a dry run notes nothing. */
export function imageEntry(
  source: ImageSource,
  {
    index,
    stateDir,
    dryRun,
  }: { index: Pick<LoadedIndex, 'statusOf'>; stateDir: string; dryRun: boolean },
): ScanEntry {
  const key = Buffer.from(source.key);
  if (!isBlockDevice(source.path)) return entryOf(key, statSync(source.path, { bigint: true }));
  const device = new OpenDevice(source.path);
  try {
    const { bytes, state } = device.look();
    const noted = readNote(stateDir, source);
    const entry = { key, bytes, mode: DEVICE_MODE, replaces: false, unsettled: false };
    let mtimeNs = noted ? BigInt(noted.mtimeNs) : nowNs();
    // Parts on the volume are compared with the device before they count; what is whole is believed.
    const isStale = noted?.state !== state && index.statusOf({ ...entry, mtimeNs }) === 'loaded';
    if (isStale) mtimeNs = nowNs();
    if (!dryRun) writeNote(stateDir, { ...source, mtimeNs: `${mtimeNs}`, state });
    return { ...entry, mtimeNs };
  } finally {
    device.close();
  }
}

/** A device's own bits say who may read the node, not its content. */
const DEVICE_MODE = 0o600;
const nowNs = (): bigint => BigInt(Date.now()) * 1_000_000n;

/** Opens a device as the object that the scan saw. Throws ObjectVanished, ObjectUnreadable. */
export function openDevice(path: string, entry: ScanEntry, afresh: boolean): SourceObject {
  const { key, mtimeNs, mode } = entry;
  const device = onImage(key, () => new OpenDevice(path));
  const before = onImage(key, () => device.look());
  const bytes = afresh ? before.bytes : entry.bytes;
  return {
    bytes,
    mtimeNs,
    mode,
    read: (buffer) => onImage(key, () => device.read(buffer)),
    changed: () => {
      const now = onImage(key, () => device.look());
      return now.state !== before.state || now.bytes !== bytes;
    },
    close: () => device.close(),
  };
}

class OpenDevice {
  readonly #fd: number;

  constructor(path: string) {
    // Exclusive: refused while the system uses the device, that is mounted or part of something that is.
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_EXCL);
  }

  /** Size, and a text that any write to the device changes. */
  look(): { bytes: number; state: string } {
    // What was written before must count before, not while it is read.
    fsyncSync(this.#fd);
    const { rdev, mtimeNs } = fstatSync(this.#fd, { bigint: true });
    const bytes = endOf(this.#fd);
    return { bytes, state: [bytes, mtimeNs, systemState(rdev)].join(' ') };
  }

  read(buffer: Buffer): number {
    return readSync(this.#fd, buffer, 0, buffer.length, null);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Where reading ends: `stat` does not tell the size of a device. */
function endOf(fd: number): number {
  const byte = Buffer.alloc(1);
  const holds = (at: number) => readSync(fd, byte, 0, 1, at) === 1;
  let [last, end] = [-1, 0];
  while (holds(end)) [last, end] = [end, 2 * end + 1];
  while (end - last > 1) {
    const middle = last + Math.floor((end - last) / 2);
    if (holds(middle)) last = middle;
    else end = middle;
  }
  return end;
}

/** Of `/sys/dev/block/…/stat`: sectors written and discarded (kernel.org, "block/stat"). A flush is a write of none. */
const WRITING_FIELDS = [6, 13];

/** Boot, attachment and writes of a device, as far as Linux tells them. */
function systemState(rdev: bigint): string {
  const [major, minor] = [
    ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn),
    (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn & 0xffffffffn),
  ];
  const place = `/sys/dev/block/${major}:${minor}`;
  const counters = readText(`${place}/stat`).trim().split(/\s+/);
  const sequence = readText(`${place}/diskseq`) || readText(`${place}/../diskseq`);
  const boot = readText('/proc/sys/kernel/random/boot_id');
  const parts = [boot, sequence, ...WRITING_FIELDS.map((field) => counters[field])];
  return parts.map((part = '') => part.trim()).join(' ');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return '';
  }
}

/** What this host knows of a device that it began to copy. */
interface Note extends ImageSource {
  mtimeNs: string;
  state: string;
}

const notePath = (stateDir: string): string => join(stateDir, 'image.json');

function readNote(stateDir: string, { path, key }: ImageSource): Note | undefined {
  try {
    const note = JSON.parse(readFileSync(notePath(stateDir), 'utf8')) as Note;
    return note.path === path && note.key === key ? note : undefined;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function writeNote(stateDir: string, note: Note): void {
  writeFileSync(notePath(stateDir), `${JSON.stringify(note)}\n`, { mode: 0o600 });
}

function onImage<T>(key: Buffer, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code, facts } = readProblem(key, error);
    throw new WaybillError(code, facts, { cause: error });
  }
}
