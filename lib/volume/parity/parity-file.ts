import { createHash } from 'node:crypto';
import { closeSync, fstatSync, readSync } from 'node:fs';
import { isWaybillError } from '../../domain/errors.ts';
import { MiB } from '../../domain/sizes.ts';
import { DeviceFiles } from '../../files/device.ts';
import { errnoOf } from '../../files/errno.ts';
import { PAGE_BYTES_MAX, PARITY_DIR, SEGMENT_BYTES_MAX } from '../layout.ts';
import { sealedBytes } from '../sealed/sealed-file.ts';
import { SHARDS_MAX } from './reed-solomon.ts';

/** Files of a parity set are cut into rows; each row is a code word of its own. FORMAT.md has the layout. */
export const ROW_BYTES = MiB;
const MAGIC = Buffer.from('WBPARIT1', 'latin1');
const LENGTH_AT = 8;
const TEXT_AT = 12;
const DIGEST_BYTES = 32;
const HEAD_BYTES_MAX = 4 * MiB;
const NAME = /^(\d{6,9})-(\d{1,3})\.par$/;
const PROTECTED = /^waybill\/(segments\/\d{6}\/\d{6,9}\.seg|catalog\/\d{6,9}\.cat)$/;

/** A file that a set protects, or a parity shard; `rows` are the CRC-32 of its rows. */
export interface ParityFile {
  /** Relative to the device. */
  path: string;
  bytes: number;
  rows: number[];
}

/** What every parity file of a set says, at its beginning and at its end. */
export interface ParityHead {
  volumeId: string;
  set: number;
  data: ParityFile[];
  parity: ParityFile[];
}

export const rowsOf = (bytes: number): number => Math.ceil(bytes / ROW_BYTES);

/** Size of the parity shards of some files: the longest counts. */
export const shardBytes = (files: readonly { bytes: number }[]): number =>
  Math.max(0, ...files.map(({ bytes }) => bytes));

/** The bytes of a head. Its length depends on names, sizes and numbers only, not on the checksums. */
export function encodeHead(head: ParityHead): Buffer {
  const pack = ({ path, bytes, rows }: ParityFile) => {
    const sums = Buffer.alloc(rows.length * 4);
    for (const [i, crc] of rows.entries()) sums.writeUInt32BE(crc, i * 4);
    return { path, bytes, rows: sums.toString('base64') };
  };
  const { volumeId, set, data, parity } = head;
  const text = JSON.stringify({ volumeId, set, data: data.map(pack), parity: parity.map(pack) });
  const bytes = Buffer.from(text);
  const start = Buffer.alloc(TEXT_AT);
  MAGIC.copy(start);
  start.writeUInt32BE(bytes.length, LENGTH_AT);
  const all = Buffer.concat([start, bytes]);
  return Buffer.concat([all, createHash('sha256').update(all).digest()]);
}

/** What lies behind the rows: the head again, and its length, by which it is found from the end. */
export function encodeTail(head: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([head, length]);
}

/** Reads a head. Undefined when it is damaged, or names what no set can hold. */
function decodeHead(bytes: Buffer): ParityHead | undefined {
  if (bytes.length < TEXT_AT + DIGEST_BYTES || !bytes.subarray(0, 8).equals(MAGIC))
    return undefined;
  const end = TEXT_AT + bytes.readUInt32BE(LENGTH_AT);
  if (end + DIGEST_BYTES > bytes.length) return undefined;
  const digest = createHash('sha256').update(bytes.subarray(0, end)).digest();
  if (!digest.equals(bytes.subarray(end, end + DIGEST_BYTES))) return undefined;
  try {
    const { volumeId, set, data, parity } = JSON.parse(bytes.toString('utf8', TEXT_AT, end));
    const head: ParityHead = {
      volumeId: String(volumeId),
      set: Number(set),
      data: unpackAll(data, PROTECTED),
      parity: unpackAll(parity, /^waybill\/parity\/[\w.-]+$/),
    };
    const { length } = [...head.data, ...head.parity];
    return head.data.length > 0 && head.parity.length > 0 && length <= SHARDS_MAX
      ? head
      : undefined;
  } catch {
    // A digest that is right over text that is not: written by nobody who means well.
    return undefined;
  }
}

function unpackAll(value: unknown, path: RegExp): ParityFile[] {
  if (!Array.isArray(value)) throw new TypeError('not a list');
  return value.map((file: { path?: unknown; bytes?: unknown; rows?: unknown }) => {
    const name = String(file.path);
    const bytes = Number(file.bytes);
    const sums = Buffer.from(String(file.rows), 'base64');
    const max = sealedBytes(Math.max(SEGMENT_BYTES_MAX, PAGE_BYTES_MAX));
    const fits = Number.isSafeInteger(bytes) && bytes > 0 && bytes <= max;
    if (!path.test(name) || !fits || sums.length !== rowsOf(bytes) * 4) throw new TypeError(name);
    const rows = Array.from({ length: rowsOf(bytes) }, (_, i) => sums.readUInt32BE(i * 4));
    return { path: name, bytes, rows };
  });
}

/** Length of the head that begins a parity file, for finding its rows. */
export const headBytes = (head: ParityHead): number => encodeHead(head).length;

/** Size of each parity file of a set. */
export const parityFileBytes = (head: ParityHead): number =>
  2 * headBytes(head) + shardBytes(head.data) + 4;

/** The sets of a device, by number; of each the first head that can be read. */
export function readParityHeads(deviceDir: string, volumeId: string): Map<number, ParityHead> {
  const heads = new Map<number, ParityHead>();
  const device = new DeviceFiles(deviceDir);
  for (const name of parityNames(device)) {
    const set = Number(NAME.exec(name)?.[1] ?? 0);
    if (set === 0 || heads.has(set)) continue;
    const head = readHead(device, `${PARITY_DIR}/${name}`);
    if (head?.set === set && head.volumeId === volumeId) heads.set(set, head);
  }
  return heads;
}

/** The names of recovery files. What is no folder of the device in the place of theirs holds none. */
function parityNames(device: DeviceFiles): string[] {
  try {
    return device.names(PARITY_DIR, (text) => NAME.test(text));
  } catch (error) {
    if (!isWaybillError(error, 'DeviceHostile', 'DeviceIo')) throw error;
    return [];
  }
}

function readHead(device: DeviceFiles, path: string): ParityHead | undefined {
  const fd = openShard(device, path);
  if (fd === undefined) return undefined;
  try {
    const { size } = fstatSync(fd);
    const atStart = decodeHead(readAt(fd, 0, Math.min(size, HEAD_BYTES_MAX)));
    if (atStart || size < 4) return atStart;
    const length = readAt(fd, size - 4, 4).readUInt32BE();
    if (length > HEAD_BYTES_MAX || length + 4 > size) return undefined;
    return decodeHead(readAt(fd, size - 4 - length, length));
  } finally {
    closeSync(fd);
  }
}

/** Opens a file of a set; undefined when it is missing, no regular file, or cannot be read: it is damaged. */
export function openShard(device: DeviceFiles, path: string): number | undefined {
  try {
    return device.open(path);
  } catch (error) {
    const isGone = path.startsWith(`${PARITY_DIR}/`) && isWaybillError(error, 'DeviceHostile');
    if (!isGone && !isWaybillError(error, 'DeviceIo', 'DeviceReadOnly')) throw error;
    return undefined;
  }
}

function readAt(fd: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  readRow(fd, bytes, from);
  return bytes;
}

/** Fills a buffer from an offset. False when the file ends early or the medium cannot be read there. */
export function readRow(fd: number, target: Buffer, from: number): boolean {
  try {
    for (let at = 0; at < target.length; ) {
      const got = readSync(fd, target, at, target.length - at, from + at);
      if (got === 0) return false;
      at += got;
    }
    return true;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}
