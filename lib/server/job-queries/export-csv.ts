import { csvRecord } from '../../domain/csv.ts';
import type { Reader } from '../db/database.ts';
import type { JobQuery } from './filter-sql.ts';
import { type ListedJob, orderedSeqs, readJobs } from './list-jobs.ts';

type Column = readonly [header: string, value: (job: ListedJob) => string | number | null];

/** The columns of the export. Sizes bytes, times ISO 8601 in UTC. */
const COLUMNS: readonly Column[] = [
  ['id', (job) => job.id],
  ['name', (job) => job.name],
  ['state', (job) => job.state],
  ['since', (job) => job.stateSince],
  ['outcome', (job) => job.outcome],
  ['incident', (job) => job.incident],
  ['option', (job) => job.option],
  ['type', (job) => job.type],
  ['copy', (job) => job.copyPhase],
  ['moved_bytes', (job) => job.progress?.bytes ?? null],
  ['size_bytes', (job) => job.sizeBytes],
  ['encrypted', (job) => (job.encrypted ? 'yes' : 'no')],
  ['store', (job) => job.storeId],
  ['bucket', (job) => job.bucket],
  ['prefix', (job) => job.prefix],
  ['device', (job) => job.deviceId],
  ['created_by', (job) => job.createdBy],
  ['created', (job) => job.createdAt],
];
const BATCH = 500;

/** The jobs of a list as CSV, read a batch at a time as the reader takes them. */
export function exportJobs(db: Reader, query: JobQuery): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let rest: number[] | undefined;
  return new ReadableStream(
    {
      async pull(controller) {
        if (!rest) {
          rest = await orderedSeqs(db, query);
          controller.enqueue(encoder.encode(csvRecord(COLUMNS.map(([header]) => header))));
        }
        const batch = rest.splice(0, BATCH);
        const lines = (await readJobs(db, batch)).map((job) =>
          csvRecord(COLUMNS.map(([, value]) => value(job))),
        );
        if (lines.length > 0) controller.enqueue(encoder.encode(lines.join('')));
        if (rest.length === 0) controller.close();
      },
    },
    { highWaterMark: 1 },
  );
}
