import { and, asc, desc, inArray, isNull, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { IncidentKind } from '../../domain/incidents.ts';
import type { JobFilter } from '../../domain/job-filter.ts';
import type { JobSort } from '../../domain/job-sort.ts';
import type { JobState } from '../../domain/words.ts';
import type { Reader } from '../db/database.ts';
import { incidents } from '../db/schema/incidents.ts';
import { jobs } from '../db/schema/jobs.ts';
import type { Job } from '../jobs/job.ts';
import { type JobQuery, whereOf } from './filter-sql.ts';

/** A job with the oldest incident that is open. */
export type ListedJob = Job & { incident: IncidentKind | null };

/** Which page of them; all when no limit is given. */
type ListQuery = JobQuery & { limit?: number | undefined; offset?: number | undefined };

const SORT_COLUMNS: Record<Exclude<JobSort, 'attention'>, SQLiteColumn> = {
  created: jobs.createdAt,
  name: jobs.name,
  state: jobs.state,
  option: jobs.option,
  type: jobs.type,
  outcome: jobs.outcome,
  copy: jobs.copyPhase,
  size: jobs.sizeBytes,
  since: jobs.stateSince,
  store: jobs.storeId,
  bucket: jobs.bucket,
  device: jobs.deviceId,
  createdBy: jobs.createdBy,
};

/** A page of the jobs, newest first unless asked otherwise. */
export async function listJobs(
  db: Reader,
  query: JobQuery & { limit: number; offset?: number | undefined },
): Promise<ListedJob[]> {
  return readJobs(db, await orderedSeqs(db, query));
}

/** The `seq` of the jobs in their order. Rows are read afterwards: what is sorted and skipped stays narrow. */
export async function orderedSeqs(db: Reader, query: ListQuery): Promise<number[]> {
  const { sort = 'created', descending = true, limit = -1, offset = 0 } = query;
  if (sort === 'attention') return byAttention(db, query);
  const direction = descending ? desc : asc;
  // A page far back is reached through a narrow index, not by skipping rows.
  const order = sort === 'created' && offset === 0 ? [] : [direction(SORT_COLUMNS[sort])];
  const rows = await db
    .select({ seq: jobs.seq })
    .from(jobs)
    .where(whereOf(db, query))
    .orderBy(...order, direction(jobs.seq))
    .limit(limit)
    .offset(offset);
  return rows.map(({ seq }) => seq);
}

const attentionToken = (value: 'yes' | 'no'): JobFilter => ({
  join: 'and',
  tokens: [{ property: 'attention', operator: '=', values: [value] }],
});

/** Jobs with an open incident are few: they and the others are two lists, one behind the other, newest first. */
async function byAttention(
  db: Reader,
  { filters = [], before, descending = true, limit = -1, offset = 0 }: ListQuery,
): Promise<number[]> {
  const found: number[] = [];
  let skip = offset;
  for (const value of descending ? (['yes', 'no'] as const) : (['no', 'yes'] as const)) {
    const left = limit < 0 ? limit : limit - found.length;
    if (left === 0) break;
    const part = { filters: [...filters, attentionToken(value)], before };
    found.push(...(await orderedSeqs(db, { ...part, limit: left, offset: skip })));
    if (skip > 0) skip = Math.max(0, skip - (await countMatching(db, part)));
  }
  return found;
}

/** Jobs by their `seq`, in the order given. */
export async function readJobs(db: Reader, seqs: readonly number[]): Promise<ListedJob[]> {
  if (seqs.length === 0) return [];
  const rows = await db
    .select()
    .from(jobs)
    .where(inArray(jobs.seq, [...seqs]));
  const ids = rows.map(({ id }) => id);
  const open = await db
    .select({ jobId: incidents.jobId, kind: incidents.kind })
    .from(incidents)
    .where(and(inArray(incidents.jobId, ids), isNull(incidents.resolvedAt)))
    .orderBy(desc(incidents.id));
  const incidentOf = new Map(open.map(({ jobId, kind }) => [jobId, kind]));
  const bySeq = new Map(rows.map((row) => [row.seq, row]));
  return seqs.flatMap((seq) => {
    const row = bySeq.get(seq);
    return row ? [{ ...row, incident: incidentOf.get(row.id) ?? null }] : [];
  });
}

/** How many jobs there are. */
export async function countMatching(
  db: Reader,
  query: Pick<JobQuery, 'filters' | 'before'>,
): Promise<number> {
  const [row] = await db
    .select({ count: sql<number>`count(*)` })
    .from(jobs)
    .where(whereOf(db, query));
  return row?.count ?? 0;
}

/** How many jobs are in each state, and how many have an open incident. */
export async function countJobs(
  db: Reader,
): Promise<{ states: Partial<Record<JobState, number>>; attention: number }> {
  const rows = await db
    .select({ state: jobs.state, count: sql<number>`count(*)` })
    .from(jobs)
    .groupBy(jobs.state);
  const [open] = await db
    .select({ count: sql<number>`count(distinct ${incidents.jobId})` })
    .from(incidents)
    .where(isNull(incidents.resolvedAt));
  const states = Object.fromEntries(rows.map((row) => [row.state, row.count]));
  return { states, attention: open?.count ?? 0 };
}
