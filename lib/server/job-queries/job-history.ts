import { and, asc, eq, inArray } from 'drizzle-orm';
import type { JobDetail } from '../../api/schemas/job-schemas.ts';
import type { CustodyKind } from '../../domain/custody.ts';
import type { IncidentKind } from '../../domain/incidents.ts';
import { ACTION_NAMES, type Action } from '../../domain/lifecycle.ts';
import { isWord, JOB_STATES, type JobState } from '../../domain/words.ts';
import { type ActorNames, actorNames } from '../actors/actor-names.ts';
import type { Reader } from '../db/database.ts';
import { custody } from '../db/schema/custody.ts';
import type { Job } from '../jobs/job.ts';

/** The custody log, as far as the page of a job tells it as a story. */
const TOLD: CustodyKind[] = [
  'job.created',
  'job.transition',
  'job.incident-resolved',
  'shipment.scan',
  'credentials.manifest',
  'credentials.unlock-code',
];

type Told = typeof custody.$inferSelect;
type Scan = JobDetail['shipments'][number]['scans'][number];
type Resolution = JobDetail['incidents'][number]['resolution'];

export interface JobHistory {
  names: ActorNames;
  steps: JobDetail['steps'];
  reveals: JobDetail['reveals'];
  /** Scans while a leg was under way. Times ISO 8601. */
  scansBetween(from: string, to: string | null): Scan[];
  /** Who resolved the incident of a kind at a time, ISO 8601. */
  resolutionOf(kind: IncidentKind, at: string | null): Resolution;
}

/** What happened to a job, by whom: read from the custody log. `others` are actors whose names are wanted too. */
export async function historyOf(
  db: Reader,
  job: Job,
  others: readonly string[],
): Promise<JobHistory> {
  const entries = await db
    .select()
    .from(custody)
    .where(and(eq(custody.jobId, job.id), inArray(custody.kind, TOLD)))
    .orderBy(asc(custody.seq));
  const names = await actorNames(db, [...others, ...entries.map(({ actor }) => actor)]);
  const resolved = entries.filter(({ kind }) => kind === 'job.incident-resolved');
  const scans = entries.filter(({ kind }) => kind === 'shipment.scan');
  return {
    names,
    steps: entries.flatMap((entry) => stepOf(entry, names)),
    reveals: entries.flatMap((entry) => revealOf(entry, names)),
    scansBetween: (from, to) =>
      scans
        .filter(({ at }) => at >= from && (to === null || at <= to))
        .map(({ at, actor, detail }) => ({
          at,
          by: names.of(actor),
          place: String(detail.place ?? ''),
          note: String(detail.note ?? ''),
        })),
    resolutionOf: (kind, at) => {
      const entry = resolved.find(
        ({ at: then, detail }) =>
          then === at && Array.isArray(detail.kinds) && detail.kinds.includes(kind),
      );
      return entry ? { by: names.of(entry.actor), note: String(entry.detail.note ?? '') } : null;
    },
  };
}

function stepOf({ kind, at, actor, detail }: Told, names: ActorNames): JobDetail['steps'] {
  const by = names.of(actor);
  if (kind === 'job.created') return [{ state: 'created', action: null, at, by, note: '' }];
  if (kind !== 'job.transition' || !isWord<JobState>(JOB_STATES, detail.to)) return [];
  const action = isWord<Action>(ACTION_NAMES, detail.action) ? detail.action : null;
  return [{ state: detail.to, action, at, by, note: String(detail.note ?? '') }];
}

function revealOf({ kind, at, actor, channel }: Told, names: ActorNames): JobDetail['reveals'] {
  if (!kind.startsWith('credentials.')) return [];
  const what = kind === 'credentials.manifest' ? 'manifest' : 'unlock-code';
  return [{ what, at, by: names.of(actor), channel }];
}
