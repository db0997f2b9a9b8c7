import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { writeAll } from '../../files/file-access.ts';

/** What is sorted: by `group`, then by `key`. */
export interface SortedEntry {
  group: string;
  key: string;
  line: string;
}

const RUN_CHARACTERS = 8 * 1024 ** 2;
const READ_BYTES = 256 * 1024;

const compare = (a: SortedEntry, b: SortedEntry): number =>
  order(a.group, b.group) || order(a.key, b.key);
const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Sorts more entries than memory holds: some at a time, in files that are merged. */
export class SortedEntries {
  readonly #path: string;
  readonly #runs: string[] = [];
  #entries: SortedEntry[] = [];
  #characters = 0;

  readonly #charactersMax: number;

  /** Its files are named `path` and a number. */
  constructor(path: string, charactersMax = RUN_CHARACTERS) {
    this.#path = path;
    this.#charactersMax = charactersMax;
  }

  add(entry: SortedEntry): void {
    this.#entries.push(entry);
    this.#characters += entry.group.length + entry.key.length + entry.line.length;
    if (this.#characters >= this.#charactersMax) this.#writeRun();
  }

  /** All of them in order. */
  *sorted(): Generator<SortedEntry> {
    const sources = [this.#entries.sort(compare)[Symbol.iterator](), ...this.#runs.map(readRun)];
    const heads = sources.map((source) => source.next());
    for (;;) {
      let least: { at: number; entry: SortedEntry } | undefined;
      for (const [at, { done, value }] of heads.entries())
        if (!done && (!least || compare(value, least.entry) < 0)) least = { at, entry: value };
      if (!least) return;
      yield least.entry;
      const next = sources[least.at]?.next();
      if (next) heads[least.at] = next;
    }
  }

  close(): void {
    for (const path of this.#runs) rmSync(path, { force: true });
  }

  #writeRun(): void {
    const path = `${this.#path}.${this.#runs.length}`;
    this.#runs.push(path);
    const fd = openSync(path, 'w', 0o600);
    try {
      for (const entry of this.#entries.sort(compare))
        writeAll(fd, Buffer.from(`${JSON.stringify(entry)}\n`));
    } finally {
      closeSync(fd);
    }
    this.#entries = [];
    this.#characters = 0;
  }
}

function* readRun(path: string): Generator<SortedEntry> {
  const fd = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(READ_BYTES);
    let rest = Buffer.alloc(0);
    for (let got = readSync(fd, piece); got > 0; got = readSync(fd, piece)) {
      let left = Buffer.concat([rest, piece.subarray(0, got)]);
      for (let end = left.indexOf(NEWLINE); end >= 0; end = left.indexOf(NEWLINE)) {
        yield JSON.parse(left.toString('utf8', 0, end)) as SortedEntry;
        left = left.subarray(end + 1);
      }
      rest = Buffer.from(left);
    }
  } finally {
    closeSync(fd);
  }
}

const NEWLINE = 0x0a;
