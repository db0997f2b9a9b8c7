import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import { lstatOf } from '../../files/file-access.ts';
import { parseLine } from '../../files/json-line.ts';
import { syncPath } from '../../files/sync.ts';
import { openFile } from '../local/local-files.ts';

/** Name of the index in a bucket. */
export const INDEX_FILE = 'index.jsonl';

/** What the index says about the item that holds an object. */
export interface IndexEntry {
  key: Buffer;
  /** Name of the archive or snapshot. */
  id: string;
  bytes: number;
  mtimeNs: bigint;
  mode: number;
}

/** An entry to be added, with the checksums its line also tells. */
export interface NewEntry extends IndexEntry {
  checksums: Record<string, string>;
}

const READ_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * The index of a bucket whose objects are kept under ids: `index.jsonl`, one JSON object a line,
 *
 *     {"key":"a/b","id":"…","bytes":5,"mtimeNs":"1700000000000000000","mode":420, …checksums}
 *
 * Lines are only ever added, each with one write in append mode, so that threads and processes can add at the
 * same time; of several lines with one key the last counts. A line that a crash cut off has no newline: readers
 * leave it, and the next writer begins a new line. Empty lines mean nothing.
 *
 * The whole index is in memory, some 300 bytes an object; what others have added is read when it is asked.
 */
export class ObjectIndex {
  readonly #path: string;
  readonly #isId: RegExp;
  /** By key in latin1, one character a byte: such strings sort like bytes. */
  readonly #newest = new Map<string, IndexEntry>();
  #replaced: string[] = [];
  #inode = 0n;
  #readTo = 0;

  /** `isId` is what an id must look like, as ids become paths. */
  constructor(bucketDir: string, isId: RegExp) {
    this.#path = join(bucketDir, INDEX_FILE);
    this.#isId = isId;
  }

  /** The newest entry of every key, by the key in latin1. Throws StoreUnavailable when the index is damaged. */
  entries(): ReadonlyMap<string, IndexEntry> {
    this.#readNew();
    return this.#newest;
  }

  /** Every id a line names, replaced ones too. */
  ids(): Set<string> {
    this.#readNew();
    return new Set([...this.#replaced, ...[...this.#newest.values()].map(({ id }) => id)]);
  }

  /** Proves that the index can be written. */
  check(): void {
    closeSync(this.#openToAppend());
  }

  /** Adds lines and makes them durable. What they name must be durable already. */
  append(entries: readonly NewEntry[]): void {
    const fd = this.#openToAppend();
    try {
      // A line that follows what a full disk left of another's is lost with it, so each is looked for.
      for (let left = [...entries]; left.length > 0; left = left.filter((e) => !this.#has(e))) {
        if (!endsInNewline(fd)) writeSync(fd, '\n');
        for (const entry of left) appendLine(fd, entry);
        this.#readNew();
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    syncPath(dirname(this.#path));
  }

  #has({ key, id }: IndexEntry): boolean {
    return this.#newest.get(key.toString('latin1'))?.id === id || this.#replaced.includes(id);
  }

  #openToAppend(): number {
    const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
    const fd = openSync(this.#path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
    throw damaged('is not a file');
  }

  /** Reads the lines that were added since the last time. */
  #readNew(): void {
    const stat = lstatOf(this.#path);
    if (stat && !stat.isFile()) throw damaged('is not a file');
    // Another file, or a shorter one: somebody restored it from a copy.
    if (stat?.ino !== this.#inode || Number(stat.size) < this.#readTo) this.#forget();
    if (!stat || Number(stat.size) === this.#readTo) return;
    this.#inode = stat.ino;
    const fd = openFile(this.#path);
    try {
      this.#readLines(fd);
    } finally {
      closeSync(fd);
    }
  }

  #readLines(fd: number): void {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    let begun = Buffer.alloc(0);
    for (let at = this.#readTo; ; ) {
      const got = readSync(fd, buffer, 0, READ_BYTES, at);
      if (got === 0) return;
      at += got;
      let from = 0;
      for (let end = 0; ; from = end + 1) {
        end = buffer.subarray(0, got).indexOf(NEWLINE, from);
        if (end < 0) break;
        this.#addLine(Buffer.concat([begun, buffer.subarray(from, end)]).toString());
        begun = Buffer.alloc(0);
      }
      begun = Buffer.concat([begun, buffer.subarray(from, got)]);
      this.#readTo = at - begun.length;
    }
  }

  #addLine(line: string): void {
    const value = parseLine(line);
    if (value === undefined) return;
    const entry = entryOf(value, this.#isId);
    const key = entry.key.toString('latin1');
    const before = this.#newest.get(key);
    if (before) this.#replaced.push(before.id);
    this.#newest.set(key, entry);
  }

  #forget(): void {
    this.#newest.clear();
    this.#replaced = [];
    this.#readTo = 0;
    this.#inode = 0n;
  }
}

/** One write, or none that counts: the rest of a line could end up behind another's. */
function appendLine(fd: number, { key, id, bytes, mtimeNs, mode, checksums }: NewEntry): void {
  const fields = { key: key.toString(), id, bytes, mtimeNs: String(mtimeNs), mode, ...checksums };
  const line = Buffer.from(`${JSON.stringify(fields)}\n`);
  if (writeSync(fd, line) < line.length) writeSync(fd, '\n');
}

function entryOf(value: unknown, isId: RegExp): IndexEntry {
  const line: Record<string, unknown> = Object(value);
  const { key, id, bytes, mtimeNs, mode } = line;
  if (
    typeof key !== 'string' ||
    !(typeof id === 'string' && isId.test(id)) ||
    !(typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0) ||
    !(typeof mtimeNs === 'string' && /^-?\d{1,19}$/.test(mtimeNs)) ||
    !(typeof mode === 'number' && Number.isInteger(mode))
  ) {
    throw damaged('has a line that is not of this format');
  }
  return { key: Buffer.from(key), id, bytes, mtimeNs: BigInt(mtimeNs), mode: mode & 0o777 };
}

function endsInNewline(fd: number): boolean {
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  return size === 0 || (readSync(fd, last, 0, 1, size - 1) === 1 && last[0] === NEWLINE);
}

function damaged(what: string): Error {
  return new WaybillError('StoreUnavailable', { detail: `${INDEX_FILE} ${what}` });
}
