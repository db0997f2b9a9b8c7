import { csvLineFields, csvText, printableKey, REPORT_COLUMNS } from '../../domain/report.ts';
import { openVolume } from '../../volume/open-volume.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import type { CheckedSeal } from '../verify/seal.ts';
import { type EarlierRun, restoreJournal } from './journal.ts';
import type { FailedRecords } from './unload-task.ts';

/** The logs of a report that was handed in, as chunks of text. */
export interface EarlierReport {
  success(): AsyncIterable<string>;
  failure(): AsyncIterable<string>;
}

type Row = Record<(typeof REPORT_COLUMNS)[number], string>;

/**
 * Makes, from a job's report, the journal that its unload left on another host: only what failed is then done. Of the volume
 * the catalog is read. Returns whether the report accounts for every object; without that there is no journal.
 */
export async function journalFromReport(
  volume: VolumeSpec,
  about: { pages: CheckedSeal['pages']; prefix: string; dir: string; head: string },
  report: EarlierReport,
): Promise<boolean> {
  const failed = await failuresOf(report);
  const { pages, objects } = pagesOf(volume, about, failed);
  const counted = { rows: 0, alreadyPresent: 0 };
  const success = linesOf(report, counted);
  const isWhole = () => counted.rows === objects;
  return restoreJournal(about.dir, about.head, { success, pages, counted, isWhole });
}

interface Failures {
  /** Attempts by the key as logs have it. */
  attempts: Map<string, number>;
  /** Pages that could not be read: nothing says which of their objects landed. */
  pages: Set<number>;
}

async function failuresOf(report: EarlierReport): Promise<Failures> {
  const found: Failures = { attempts: new Map(), pages: new Set() };
  for await (const { key, reason, detail, attempts } of rowsOf(report.failure())) {
    const page = reason === 'PageDamaged' ? /\b(\d+)\b/.exec(detail)?.[1] : undefined;
    if (page !== undefined) found.pages.add(Number(page));
    else if (key !== '') found.attempts.set(key, Number(attempts) || 1);
  }
  return found;
}

function pagesOf(
  volume: VolumeSpec,
  { pages, prefix }: { pages: CheckedSeal['pages']; prefix: string },
  failures: Failures,
): { pages: EarlierRun['pages']; objects: number } {
  const opened = openVolume(volume);
  const done: EarlierRun['pages'] = [];
  let objects = 0;
  for (const { page, replaced } of pages) {
    if (failures.pages.has(page)) continue;
    const without = new Set(replaced);
    const failed: FailedRecords = [];
    const counts = {
      objects: 0,
      bytes: 0,
      alreadyPresent: 0,
      failed: 0,
      damaged: 0,
      refused: 0,
      unnamable: 0,
    };
    let position = 0;
    for (const record of opened.openPage(page).records) {
      const counted = record.kind !== 'part' && !without.has(position);
      const key = counted && printableKey(Buffer.concat([Buffer.from(prefix), record.key]));
      const attempts = key === false ? undefined : failures.attempts.get(key);
      if (attempts !== undefined) failed.push([position, attempts]);
      else if (counted) {
        counts.objects += 1;
        counts.bytes += record.bytes;
      }
      position += 1;
    }
    objects += counts.objects;
    done.push({ page, counts, failed });
  }
  return { pages: done, objects };
}

/** The lines of the success log, in the columns of this program. */
async function* linesOf(
  report: EarlierReport,
  counted: { rows: number; alreadyPresent: number },
): AsyncGenerator<string> {
  for await (const row of rowsOf(report.success())) {
    counted.rows += 1;
    if (row.result === 'already-present') counted.alreadyPresent += 1;
    yield csvText(REPORT_COLUMNS.map((name) => row[name]));
  }
}

/** Rows by the names of their columns; a log of an earlier program has fewer. */
async function* rowsOf(chunks: AsyncIterable<string>): AsyncGenerator<Row> {
  let columns: string[] | undefined;
  for await (const line of csvLines(chunks)) {
    const fields = csvLineFields(line);
    if (!columns) {
      columns = fields;
      continue;
    }
    const names = columns;
    const value = (name: string) => fields[names.indexOf(name)] ?? '';
    yield Object.fromEntries(REPORT_COLUMNS.map((name) => [name, value(name)])) as Row;
  }
}

/** Lines without their ends; a line break within quotes ends none (RFC 4180). */
async function* csvLines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  let line = '';
  const isOpen = () => line.split('"').length % 2 === 0;
  for await (const chunk of chunks) {
    const pieces = (rest + chunk).split('\n');
    rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      line = line === '' ? piece : `${line}\n${piece}`;
      if (isOpen()) continue;
      const whole = line.replace(/\r$/, '');
      line = '';
      if (whole !== '') yield whole;
    }
  }
}
