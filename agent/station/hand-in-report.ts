import { existsSync, openAsBlob, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPORT_FILES, type ReportFile, type ReportSummary } from '../../lib/domain/report.ts';
import type { Station } from './station.ts';

/** Gives the console a job's completion report. The summary goes last: with it the console knows the report is whole. */
export async function handInReport(
  { client }: Station,
  jobId: string,
  files: Record<ReportFile, string>,
): Promise<void> {
  const inOrder = [...REPORT_FILES].sort(
    (a, b) => Number(a === 'summary.json') - Number(b === 'summary.json'),
  );
  for (const file of inOrder) {
    const body = await openAsBlob(files[file]);
    await client.call('putReport', { params: { jobId, file }, body });
  }
}

/**
 * Gives the console what an import did that has stopped before its end, so that a job that is closed has a report of what
 * landed. A console that does not answer, or has a whole report, goes without.
 */
export async function handInPartial(station: Station, jobId: string, dir: string): Promise<void> {
  const summary = join(dir, 'summary.json');
  if (!existsSync(summary)) return;
  try {
    const { partial } = JSON.parse(readFileSync(summary, 'utf8')) as Partial<ReportSummary>;
    if (partial !== true) return;
    const { reported } = await station.client.call('getJob', { params: { jobId } });
    const logs = {
      'success.csv': join(dir, 'success.csv'),
      'failure.csv': join(dir, 'failure.csv'),
    };
    if (!reported) await handInReport(station, jobId, { ...logs, 'summary.json': summary });
  } catch {
    // It is no part of the work; the report of the whole comes at its end.
  }
}
