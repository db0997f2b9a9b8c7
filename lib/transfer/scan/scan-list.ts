import { closeSync, fsyncSync, openSync, readSync } from 'node:fs';
import { invariant } from '../../domain/invariant.ts';
import { writeAll } from '../../files/file-access.ts';
import { joinTime, splitTime } from '../../volume/catalog/record-times.ts';

/** One object of the source, as the scan saw it. */
export interface ScanEntry {
  key: Buffer;
  bytes: number;
  mtimeNs: bigint;
  mode: number;
  /** The volume has an older record under this key. */
  replaces: boolean;
  /** It was written so shortly before the scan that a later write need not show in its time. */
  unsettled: boolean;
}

const FIXED_BYTES = 28;
const REPLACES = 1;
const UNSETTLED = 2;
/** A batch is one job of a thread: large enough to cost nothing, small enough to spread. */
const BATCH_ENTRIES = 256;
const BATCH_DATA_BYTES = 32 * 1024 * 1024;
const LENGTH_BYTES = 4;

/** Entries packed into one buffer: what a million of them costs is disk, not memory. */
export function encodeBatch(entries: ScanEntry[]): Buffer {
  const size = entries.reduce((sum, entry) => sum + FIXED_BYTES + entry.key.length, 0);
  const batch = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const entry of entries) {
    batch.writeUInt16BE(entry.key.length, at);
    batch.writeUInt16BE(
      (entry.replaces ? REPLACES : 0) | (entry.unsettled ? UNSETTLED : 0),
      at + 2,
    );
    batch.writeUInt32BE(entry.mode, at + 4);
    batch.writeDoubleBE(entry.bytes, at + 8);
    const { seconds, nanoseconds } = splitTime(entry.mtimeNs);
    batch.writeBigInt64BE(seconds, at + 16);
    batch.writeUInt32BE(nanoseconds, at + 24);
    at += FIXED_BYTES + entry.key.copy(batch, at + FIXED_BYTES);
  }
  return batch;
}

export function decodeBatch(batch: Buffer): ScanEntry[] {
  const entries: ScanEntry[] = [];
  for (let at = 0; at < batch.length; ) {
    const length = batch.readUInt16BE(at);
    const flags = batch.readUInt16BE(at + 2);
    entries.push({
      key: batch.subarray(at + FIXED_BYTES, at + FIXED_BYTES + length),
      replaces: (flags & REPLACES) !== 0,
      unsettled: (flags & UNSETTLED) !== 0,
      mode: batch.readUInt32BE(at + 4),
      bytes: batch.readDoubleBE(at + 8),
      mtimeNs: joinTime(batch.readBigInt64BE(at + 16), batch.readUInt32BE(at + 24)),
    });
    at += FIXED_BYTES + length;
  }
  return entries;
}

/** Writes the list of a scan, in batches. With no path it only counts (dry run). */
export class ScanListWriter {
  readonly #fd: number | undefined;
  #entries: ScanEntry[] = [];
  #dataBytes = 0;

  constructor(path: string | undefined) {
    this.#fd = path === undefined ? undefined : openSync(path, 'w', 0o600);
  }

  add(entry: ScanEntry): void {
    if (this.#fd === undefined) return;
    this.#entries.push(entry);
    this.#dataBytes += entry.bytes;
    if (this.#entries.length >= BATCH_ENTRIES || this.#dataBytes >= BATCH_DATA_BYTES) this.#flush();
  }

  /** `durable`: also over a power failure. */
  close({ durable = false } = {}): void {
    if (this.#fd === undefined) return;
    this.#flush();
    if (durable) fsyncSync(this.#fd);
    closeSync(this.#fd);
  }

  #flush(): void {
    if (this.#fd === undefined || this.#entries.length === 0) return;
    const batch = encodeBatch(this.#entries);
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(batch.length);
    writeAll(this.#fd, Buffer.concat([length, batch]));
    this.#entries = [];
    this.#dataBytes = 0;
  }
}

/** The batches of a list, one at a time. */
export function* readBatches(path: string): Generator<Buffer> {
  const fd = openSync(path, 'r');
  try {
    const length = Buffer.alloc(LENGTH_BYTES);
    while (readAll(fd, length) === LENGTH_BYTES) {
      const batch = Buffer.allocUnsafeSlow(length.readUInt32BE(0));
      invariant(readAll(fd, batch) === batch.length, 'the scan list is whole');
      yield batch;
    }
  } finally {
    closeSync(fd);
  }
}

/** Fills a buffer unless the file ends. Returns the bytes read. */
function readAll(fd: number, target: Buffer): number {
  let at = 0;
  while (at < target.length) {
    const got = readSync(fd, target, at, target.length - at, null);
    if (got === 0) break;
    at += got;
  }
  return at;
}
