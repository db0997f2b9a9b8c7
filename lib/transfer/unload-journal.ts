import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { writeAll } from '../stores/local-files.ts';
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

  /** `head` binds the journal to one seal and destination: another one starts anew. */
  constructor(dir: string, head: string) {
    this.successPath = join(dir, 'success.csv');
    this.failurePath = join(dir, 'failure.csv');
    const path = join(dir, UNLOAD_JOURNAL);
    const lines = withoutFailures(this, path, head, readLines(path, head));
    const flags = lines ? 'r+' : 'w+';
    this.#success = openSync(this.successPath, flags, 0o600);
    this.#failure = openSync(this.failurePath, flags, 0o600);
    this.#journal = openSync(path, lines ? 'a' : 'w', 0o600);
    if (lines) this.#resume(lines);
    else this.#start(head);
  }

  add(page: UnloadDone): void {
    this.#write(page.success, page.failure);
    fsyncSync(this.#success);
    fsyncSync(this.#failure);
    const { successBytes, failureBytes } = {
      successBytes: this.#successBytes,
      failureBytes: this.#failureBytes,
    };
    const line: JournalLine = { page: page.page, counts: page.counts, successBytes, failureBytes };
    writeAll(this.#journal, Buffer.from(`${JSON.stringify(line)}\n`));
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

  #start(head: string): void {
    this.#write(REPORT_HEADER, REPORT_HEADER);
    writeAll(this.#journal, Buffer.from(`${head}\n`));
  }

  #resume(lines: JournalLine[]): void {
    const last = lines.at(-1);
    this.#successBytes = last?.successBytes ?? HEADER_BYTES;
    this.#failureBytes = last?.failureBytes ?? HEADER_BYTES;
    ftruncateSync(this.#success, this.#successBytes);
    ftruncateSync(this.#failure, this.#failureBytes);
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

/** The lines of a journal with this head; undefined when there is none. A torn last line does not count. */
function readLines(path: string, head: string): JournalLine[] | undefined {
  if (!existsSync(path)) return undefined;
  const [first, ...rest] = readFileSync(path, 'utf8').split('\n');
  if (first !== head) return undefined;
  return rest.slice(0, -1).map((line) => JSON.parse(line) as JournalLine);
}

/**
 * Takes the pages with failures out of logs and journal. The journal goes first and comes back last: without it
 * an unload begins anew and finds in the store what it has written.
 */
function withoutFailures(
  paths: { successPath: string; failurePath: string },
  path: string,
  head: string,
  lines: JournalLine[] | undefined,
): JournalLine[] | undefined {
  if (!lines?.some((line) => line.counts.failed > 0)) return lines;
  rmSync(path);
  const kept: JournalLine[] = [];
  const logs = [
    { path: paths.successPath, end: 'successBytes' },
    { path: paths.failurePath, end: 'failureBytes' },
  ] as const;
  const ends = logs.map(({ path: log, end }) => copyKept(log, end, lines));
  let left = 0;
  for (const line of lines) {
    if (line.counts.failed > 0) continue;
    const [successBytes = 0, failureBytes = 0] = ends.map((all) => all[left] ?? 0);
    kept.push({ ...line, successBytes, failureBytes });
    left += 1;
  }
  for (const { path: log } of logs) renameSync(`${log}.new`, log);
  const text = [head, ...kept.map((line) => JSON.stringify(line)), ''].join('\n');
  const fd = openSync(`${path}.new`, 'w', 0o600);
  writeAll(fd, Buffer.from(text));
  fsyncSync(fd);
  closeSync(fd);
  renameSync(`${path}.new`, path);
  return kept;
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
