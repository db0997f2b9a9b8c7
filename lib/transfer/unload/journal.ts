import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { publish, unpublish } from '../../files/durable.ts';
import { writeAll } from '../../files/file-access.ts';
import { parseLine } from '../../files/json-line.ts';
import { REPORT_HEADER } from '../report/report-rows.ts';
import type { FailedRecords, UnloadDone } from './unload-task.ts';

type Counts = UnloadDone['counts'];

const COUNTED = [
  'objects',
  'bytes',
  'alreadyPresent',
  'failed',
  'damaged',
  'refused',
  'unnamable',
] as const;

const HEADER_BYTES = Buffer.byteLength(REPORT_HEADER);

export const UNLOAD_JOURNAL = 'unload.journal';

interface JournalLine {
  page: number;
  counts: Counts;
  /** Length of the two logs with this page's lines, bytes. */
  successBytes: number;
  failureBytes: number;
  /** Of this page, after this line: what failed, and how often it was tried. */
  failed?: FailedRecords | undefined;
}

/**
 * What an unload has done, on the station's own disk: the success and failure logs, and a journal that names
 * the pages whose objects are durable in the store. After a kill the logs are cut back to the last journal
 * line, and its pages are not done again. Of pages with failures just the failed objects are: what was damaged may have
 * been repaired, or the store been put in order. A page that was done again has a further line.
 */
export class UnloadJournal {
  /** Pages of which nothing is left to do. */
  readonly done = new Set<number>();
  /** What failed of other pages that were done. */
  readonly retries = new Map<number, FailedRecords>();
  readonly counts: Counts = {
    objects: 0,
    bytes: 0,
    alreadyPresent: 0,
    failed: 0,
    damaged: 0,
    refused: 0,
    unnamable: 0,
  };
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
      withoutFailures(path, head, readJournal(logs, path, head)) ?? begin(logs, path, head);
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
      page: page.page,
      counts: page.counts,
      successBytes: this.#successBytes,
      failureBytes: this.#failureBytes,
      failed: page.failed.length > 0 ? page.failed : undefined,
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

  #count({ page, counts, failed }: JournalLine): void {
    if (failed) this.retries.set(page, failed);
    else {
      this.retries.delete(page);
      this.done.add(page);
    }
    // A journal of an earlier version has no count of names.
    for (const name of COUNTED) this.counts[name] += counts[name] ?? 0;
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
 * Takes the failures out of a journal: what failed is tried again, and has its line of the failure log again when it fails
 * again. The log is cut back when it is opened.
 */
function withoutFailures(path: string, head: string, all: Kept | undefined): Kept | undefined {
  if (!all?.lines.some((line) => line.counts.failed > 0)) return all;
  const lines = all.lines.map((line) => ({
    ...line,
    counts: { ...line.counts, failed: 0, damaged: 0, refused: 0, unnamable: 0 },
    failureBytes: HEADER_BYTES,
  }));
  return writeJournal(path, head, lines);
}

/** What an earlier run, on another host, has done: its logs, and what failed of which page. */
export interface EarlierRun {
  /** The lines of its success log, each with its line end. */
  success: AsyncIterable<string>;
  /** Known when the lines are through. */
  counted: { alreadyPresent: number };
  /** Whether the lines account for all objects of the pages that did not fail. */
  isWhole(): boolean;
  pages: { page: number; counts: Counts; failed: FailedRecords }[];
}

/** Whether a directory holds the journal of an unload with this head. */
export function hasJournal(dir: string, head: string): boolean {
  const logs = { success: join(dir, 'success.csv'), failure: join(dir, 'failure.csv') };
  return readJournal(logs, join(dir, UNLOAD_JOURNAL), head) !== undefined;
}

/**
 * Makes the journal that such a run would have left here; an unload then goes on from it. Returns false, and makes none, when
 * its lines do not account for all.
 */
export async function restoreJournal(dir: string, head: string, run: EarlierRun): Promise<boolean> {
  const path = join(dir, UNLOAD_JOURNAL);
  const success = join(dir, 'success.csv');
  const logs = { success, failure: join(dir, 'failure.csv') };
  begin(logs, path, head);
  const fd = openSync(success, 'r+');
  let successBytes = HEADER_BYTES;
  try {
    for await (const line of run.success) successBytes += append(fd, line, successBytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  if (!run.isWhole()) {
    unpublish(path);
    return false;
  }
  const lines = run.pages.map(({ page, counts, failed }, i) => ({
    page,
    counts: i === 0 ? { ...counts, alreadyPresent: run.counted.alreadyPresent } : counts,
    successBytes,
    failureBytes: HEADER_BYTES,
    failed: failed.length > 0 ? failed : undefined,
  }));
  writeJournal(path, head, lines);
  return true;
}
