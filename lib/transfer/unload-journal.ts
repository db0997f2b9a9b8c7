import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { REPORT_COLUMNS } from '../domain/report.ts';
import type { UnloadDone } from './unload-task.ts';

type Counts = UnloadDone['counts'];

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
 * line, and its pages are not done again.
 */
export class UnloadJournal {
  readonly done = new Set<number>();
  readonly counts: Counts = { objects: 0, bytes: 0, alreadyPresent: 0, failed: 0 };
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
    const path = join(dir, 'unload.journal');
    const lines = readLines(path, head);
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
    writeSync(this.#journal, `${JSON.stringify(line)}\n`);
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
    const columns = `${REPORT_COLUMNS.join(',')}\r\n`;
    this.#write(columns, columns);
    writeSync(this.#journal, `${head}\n`);
  }

  #resume(lines: JournalLine[]): void {
    const header = Buffer.byteLength(`${REPORT_COLUMNS.join(',')}\r\n`);
    const last = lines.at(-1);
    this.#successBytes = last?.successBytes ?? header;
    this.#failureBytes = last?.failureBytes ?? header;
    ftruncateSync(this.#success, this.#successBytes);
    ftruncateSync(this.#failure, this.#failureBytes);
    for (const line of lines) this.#count(line);
  }

  #count({ page, counts }: JournalLine): void {
    this.done.add(page);
    for (const name of ['objects', 'bytes', 'alreadyPresent', 'failed'] as const) {
      this.counts[name] += counts[name];
    }
  }

  #write(success: string, failure: string): void {
    this.#successBytes += writeSync(
      this.#success,
      Buffer.from(success),
      0,
      undefined,
      this.#successBytes,
    );
    this.#failureBytes += writeSync(
      this.#failure,
      Buffer.from(failure),
      0,
      undefined,
      this.#failureBytes,
    );
  }
}

/** The lines of a journal with this head; undefined when there is none. A torn last line does not count. */
function readLines(path: string, head: string): JournalLine[] | undefined {
  if (!existsSync(path)) return undefined;
  const [first, ...rest] = readFileSync(path, 'utf8').split('\n');
  if (first !== head) return undefined;
  return rest.slice(0, -1).map((line) => JSON.parse(line) as JournalLine);
}
