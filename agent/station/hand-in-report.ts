import { openAsBlob } from 'node:fs';
import { REPORT_FILES, type ReportFile } from '../../lib/domain/report.ts';
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
