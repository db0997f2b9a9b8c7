import { randomUUID } from 'node:crypto';
import { DEVICE_STATE_AT } from '../../../lib/domain/devices.ts';
import { INCIDENT_KINDS } from '../../../lib/domain/incidents.ts';
import { FINAL_STATES, mainPath } from '../../../lib/domain/lifecycle.ts';
import { OPTION_RULES } from '../../../lib/domain/options.ts';
import { TB } from '../../../lib/domain/sizes.ts';
import { type JobState, OPTIONS, OUTCOMES } from '../../../lib/domain/words.ts';
import type { ConsoleDatabase, Tx } from '../../../lib/server/db/database.ts';
import { devices } from '../../../lib/server/db/schema/devices.ts';
import { incidents } from '../../../lib/server/db/schema/incidents.ts';
import { jobs } from '../../../lib/server/db/schema/jobs.ts';
import { shipments } from '../../../lib/server/db/schema/shipments.ts';
import { newJobId } from '../../../lib/server/jobs/create-job.ts';

/** Numbers from a seed (Mulberry32): the same jobs every time. */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const PLACES = ['archive', 'sequencer', 'cinema', 'survey', 'backup', 'telescope', 'ledger'];
const DAY_MS = 86_400_000;
const BATCH = 500;
/** Most jobs of an installation that has run for years are finished. */
const FINISHED = 0.85;

export interface SeedOptions {
  count: number;
  /** Jobs at a site whose copy is running: those the simulated agents report about. */
  copying: number;
  now: Date;
}

/** Fills a database with jobs in every state, with their devices, shipments and incidents. */
export async function seedJobs(
  db: ConsoleDatabase,
  { count, copying, now }: SeedOptions,
): Promise<{ copyingIds: string[] }> {
  const random = numbersFrom(count);
  const copyingIds: string[] = [];
  for (let done = 0; done < count; done += BATCH) {
    const batch: NewRow[] = [];
    for (let i = done; i < Math.min(count, done + BATCH); i += 1) {
      const isCopying = i >= count - copying;
      const job = jobOf(i / count, isCopying ? 'at-site' : undefined, random, now);
      if (isCopying) copyingIds.push(job.id);
      batch.push(isCopying ? { ...job, copyPhase: 'copying', sealed: false, seal: null } : job);
    }
    await db.transaction((tx) => insert(tx, batch, random));
  }
  return { copyingIds };
}

type NewRow = typeof jobs.$inferInsert;
const pick = <T>(list: readonly T[], random: () => number): T =>
  list[Math.floor(random() * list.length)] as T;

/** A job of that age: 0 the oldest, 1 made just now. */
function jobOf(age: number, wanted: JobState | undefined, random: () => number, now: Date): NewRow {
  const id = newJobId();
  const option = wanted ? 'snowball' : pick(OPTIONS, random);
  const type = wanted || random() < 0.8 ? 'import' : 'export';
  const path = mainPath(option, type);
  const last = random() < 0.03 ? 'cancelled' : 'completed';
  const state = wanted ?? (random() < FINISHED ? last : pick(path, random));
  const createdMs = now.getTime() - (1 - age) * 3 * 365 * DAY_MS;
  const sinceMs = Math.min(now.getTime(), createdMs + random() * 20 * DAY_MS);
  const { sizes, encryption } = OPTION_RULES[option];
  const sizeBytes =
    sizes.kind === 'exact' ? pick(sizes.bytes, random) : Math.ceil(random() * 16) * TB;
  const at = path.indexOf(state);
  const bytes = Math.floor(sizeBytes * (0.2 + 0.7 * random()));
  const objects = Math.ceil(bytes / 50_000_000);
  const sealed = at > path.indexOf('at-site') && type === 'import';
  const outcome =
    state === 'completed' ? (random() < 0.9 ? 'succeeded' : pick(OUTCOMES, random)) : null;
  const since = new Date(sinceMs).toISOString();
  const counts = { objects, bytes, skipped: 0, failed: outcome === 'with-errors' ? 3 : 0 };
  return {
    id,
    option,
    type,
    sizeBytes,
    state,
    outcome,
    sealed,
    name: `${pick(PLACES, random)}-${Math.floor(age * 1e6).toString(36)}`,
    encrypted: encryption === 'enforced' || random() < 0.8,
    storeId: 'embedded',
    bucket: pick(PLACES, random),
    prefix: '',
    rangeBegin: null,
    rangeEnd: null,
    volumeId: randomUUID(),
    deviceId: state === 'created' ? null : `SB-${id.slice(3, 22)}`,
    stateSince: since,
    copyPhase: sealed ? 'sealed' : 'not-started',
    devicePrepared: at > 1,
    reported: state === 'completed',
    erased: state === 'completed',
    progress:
      at > 1
        ? { phase: 'copy', ...counts, totalObjects: objects, totalBytes: bytes, at: since }
        : null,
    seal: at > 1 ? { ...counts, sealDigest: id, sealedAt: since } : null,
    report: null,
    createdBy: `person:${pick(['ada', 'grace', 'alan'], random)}`,
    createdAt: new Date(createdMs).toISOString(),
  };
}

async function insert(tx: Tx, batch: readonly NewRow[], random: () => number): Promise<void> {
  const sent = batch.filter((job) => job.deviceId !== null);
  await tx.insert(devices).values(
    sent.map((job) => {
      const isFinal = FINAL_STATES.includes(job.state);
      return {
        id: job.deviceId ?? '',
        owner: OPTION_RULES[job.option].owner,
        capacityBytes: job.sizeBytes,
        createdAt: job.createdAt,
        state: isFinal ? 'erased' : (DEVICE_STATE_AT[job.state] ?? 'reserved'),
        jobId: isFinal ? null : job.id,
      };
    }),
  );
  await tx.insert(jobs).values([...batch]);
  await tx.insert(shipments).values(
    sent.map((job) => ({
      jobId: job.id,
      leg: 'to-site' as const,
      carrier: 'UPS',
      sealNumbers: [],
      handedOverBy: 'person:ada',
      shippedAt: job.createdAt,
      arrivedAt: job.stateSince,
    })),
  );
  const troubled = batch.filter((job) => !FINAL_STATES.includes(job.state) && random() < 0.02);
  if (troubled.length === 0) return;
  await tx.insert(incidents).values(
    troubled.map((job) => ({
      jobId: job.id,
      kind: pick(INCIDENT_KINDS, random),
      note: 'seen at the dock',
      reportedBy: 'person:ada',
      openedAt: job.stateSince,
    })),
  );
}
