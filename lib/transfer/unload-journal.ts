import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { publish, unpublish } from '../files/durable.ts';
import { writeAll } from '../files/file-access.ts';
import { parseLine } from '../files/json-line.ts';
import { syncPath } from '../files/sync.ts';
import { REPORT_HEADER } from './report-lines.ts';
import type { UnloadDone } from './unload-task.ts';

type Counts = UnloadDone['counts'];

const HEADER_BYTES = Buffer.byteLength(REPORT_HEADER);

export const UNLOAD_JOURNAL = 'unload.journal';

interface JournalLine {
  page: number;
  counts: Counts;
  /** Length of the two logs with this page's lines, bytes. */
  successBytes: number;
  failureBytes: number;
}

/**
 * What an unload has done, on the station's own disk: the success and failure logs, and a journal that names
 * the pages whose objects are durable in the store. After a kill the logs are cut back to the last journal
 * line, and its pages are not done again. Pages with failures are: what was damaged may have been repaired, or
 * the store been put in order.
 */
export class UnloadJournal {
  readonly done = new Set<number>();
  readonly counts: Counts = { objects: 0, bytes: 0, alreadyPresent: 0, failed: 0, damaged: 0 };
  readonly successPath: string;
  readonly failurePath: string;
  readonly #success: number;
  readonly #failure: number;
  readonly #journal: number;
  #successBytes = 0;
  #failureBytes = 0;
  #journalBytes = 0;

  /** `head` binds the journal to one seal and destination: another one starts anew. */
  constructor(dir: string, head: string) {
    this.successPath = join(dir, 'success.csv');
    this.failurePath = join(dir, 'failure.csv');
    const path = join(dir, UNLOAD_JOURNAL);
    const logs = { success: this.successPath, failure: this.failurePath };
    const kept =
      withoutFailures(logs, path, head, readJournal(logs, path, head)) ?? begin(logs, path, head);
    this.#success = openSync(this.successPath, 'r+');
    this.#failure = openSync(this.failurePath, 'r+');
    this.#journal = openSync(path, 'r+');
    this.#resume(kept);
  }

  add(page: UnloadDone): void {
    this.#write(page.success, page.failure);
    fsyncSync(this.#success);
    fsyncSync(this.#failure);
    const line: JournalLine = {
      ...{ page: page.page, counts: page.counts },
      ...{ successBytes: this.#successBytes, failureBytes: this.#failureBytes },
    };
    this.#journalBytes += append(this.#journal, `${JSON.stringify(line)}\n`, this.#journalBytes);
    fsyncSync(this.#journal);
    this.#count(line);
  }

  /** Lines that belong to no page: what was omitted at the source. Written once, at the end. */
  addFailures(lines: string): void {
    this.#write('', lines);
  }

  close(): void {
    for (const fd of [this.#success, this.#failure, this.#journal]) {
      fsyncSync(fd);
      closeSync(fd);
    }
  }

  #resume({ lines, bytes }: Kept): void {
    const last = lines.at(-1);
    this.#successBytes = last?.successBytes ?? HEADER_BYTES;
    this.#failureBytes = last?.failureBytes ?? HEADER_BYTES;
    this.#journalBytes = bytes;
    ftruncateSync(this.#success, this.#successBytes);
    ftruncateSync(this.#failure, this.#failureBytes);
    ftruncateSync(this.#journal, this.#journalBytes);
    for (const line of lines) this.#count(line);
  }

  #count({ page, counts }: JournalLine): void {
    this.done.add(page);
    for (const name of ['objects', 'bytes', 'alreadyPresent', 'failed', 'damaged'] as const) {
      this.counts[name] += counts[name];
    }
  }

  #write(success: string, failure: string): void {
    this.#successBytes += append(this.#success, success, this.#successBytes);
    this.#failureBytes += append(this.#failure, failure, this.#failureBytes);
  }
}

/** Writes text at an offset of a log. Returns its bytes. */
function append(fd: number, text: string, at: number): number {
  const bytes = Buffer.from(text);
  writeAll(fd, bytes, at);
  return bytes.length;
}

/** The logs of a journal. */
interface Logs {
  success: string;
  failure: string;
}

/** What counts of a journal: its lines, and its length with them, bytes. */
interface Kept {
  lines: JournalLine[];
  bytes: number;
}

/** Makes empty logs and, once they are durable, a journal without a line. */
function begin({ success, failure }: Logs, path: string, head: string): Kept {
  // It may be one of other logs, or of logs that are gone.
  unpublish(path);
  for (const log of [success, failure]) publish(log, REPORT_HEADER, 0o600);
  return writeJournal(path, head, []);
}

function writeJournal(path: string, head: string, lines: JournalLine[]): Kept {
  const text = Buffer.from([head, ...lines.map((line) => JSON.stringify(line)), ''].join('\n'));
  publish(path, text, 0o600);
  return { lines, bytes: text.length };
}

/**
 * What counts of a journal with this head: what is torn, and all that follows it, does not. Undefined when there
 * is none, or when its logs are not there as long as it says: somebody has taken them away.
 */
function readJournal(logs: Logs, path: string, head: string): Kept | undefined {
  if (!existsSync(path)) return undefined;
  const [first = '', ...rest] = readFileSync(path, 'utf8').split('\n');
  if (first !== head) return undefined;
  const kept: Kept = { lines: [], bytes: Buffer.byteLength(head) + 1 };
  for (const text of rest.slice(0, -1)) {
    const line = parseLine(text) as JournalLine | undefined;
    if (!line) break;
    kept.lines.push(line);
    kept.bytes += Buffer.byteLength(text) + 1;
  }
  const { successBytes = HEADER_BYTES, failureBytes = HEADER_BYTES } = kept.lines.at(-1) ?? {};
  const areThere = sizeOf(logs.success) >= successBytes && sizeOf(logs.failure) >= failureBytes;
  return areThere ? kept : undefined;
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? -1;

/**
 * Takes the pages with failures out of logs and journal. The journal goes first and comes back last: without it
 * an unload begins anew and finds in the store what it has written.
 */
function withoutFailures(
  logs: Logs,
  path: string,
  head: string,
  all: Kept | undefined,
): Kept | undefined {
  if (!all?.lines.some((line) => line.counts.failed > 0)) return all;
  unpublish(path);
  const successEnds = copyKept(logs.success, 'successBytes', all.lines);
  const failureEnds = copyKept(logs.failure, 'failureBytes', all.lines);
  for (const log of [logs.success, logs.failure]) renameSync(`${log}.new`, log);
  syncPath(dirname(path));
  const whole = all.lines.filter((line) => line.counts.failed === 0);
  const lines = whole.map((line, i) => ({
    ...line,
    successBytes: successEnds[i] ?? 0,
    failureBytes: failureEnds[i] ?? 0,
  }));
  return writeJournal(path, head, lines);
}

/** Copies a log without the lines of failed pages to `<log>.new`. Returns the length after each kept page, bytes. */
function copyKept(
  log: string,
  end: 'successBytes' | 'failureBytes',
  lines: JournalLine[],
): number[] {
  const from = openSync(log, 'r');
  const to = openSync(`${log}.new`, 'w', 0o600);
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  let written = 0;
  const copy = (start: number, stop: number) => {
    for (let at = start; at < stop; ) {
      const got = readSync(from, buffer, 0, Math.min(buffer.length, stop - at), at);
      if (got === 0) return;
      writeAll(to, buffer.subarray(0, got), written);
      written += got;
      at += got;
    }
  };
  copy(0, HEADER_BYTES);
  const ends: number[] = [];
  let last = HEADER_BYTES;
  for (const line of lines) {
    if (line.counts.failed === 0) {
      copy(last, line[end]);
      ends.push(written);
    }
    last = line[end];
  }
  fsyncSync(to);
  closeSync(to);
  closeSync(from);
  return ends;
}
