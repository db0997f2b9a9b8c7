import { and, eq, gte, inArray, sql } from 'drizzle-orm';
import type { DeviceState, JobState } from '../../domain/words.ts';
import type { Reader } from '../db/database.ts';
import { devices } from '../db/schema/devices.ts';
import { jobs } from '../db/schema/jobs.ts';

const DAYS = 30;
const DAY_MS = 86_400_000;
const ON_THE_MOVE: readonly JobState[] = [
  ...(['in-transit-to-site', 'in-transit-to-facility', 'at-sorting', 'returning'] as const),
];
/** Bytes of a job's data: as its report says, else as its seal does. */
const bytesOf = sql<number>`sum(coalesce(json_extract(${jobs.report}, '$.bytes'), json_extract(${jobs.seal}, '$.bytes'), 0))`;

/** What a day moved, bytes of the jobs that were completed on it. Days are of UTC. */
export interface MovedDay {
  day: string;
  imported: number;
  exported: number;
}

/** The last thirty days, oldest first, with the days on which nothing was completed. */
export async function movedByDay(db: Reader, now: Date): Promise<MovedDay[]> {
  const first = new Date(now.getTime() - (DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
  const day = sql<string>`substr(${jobs.stateSince}, 1, 10)`;
  const rows = await db
    .select({ day, type: jobs.type, bytes: bytesOf })
    .from(jobs)
    .where(and(eq(jobs.state, 'completed'), gte(jobs.stateSince, first)))
    .groupBy(day, jobs.type);
  const movedOn = (wanted: string, type: string) =>
    rows.find((row) => row.day === wanted && row.type === type)?.bytes ?? 0;
  return Array.from({ length: DAYS }, (_, i) => {
    const date = new Date(Date.parse(first) + i * DAY_MS).toISOString().slice(0, 10);
    return { day: date, imported: movedOn(date, 'import'), exported: movedOn(date, 'export') };
  });
}

/** Sealed data that is on its way now. */
export async function onTheMove(db: Reader): Promise<{ jobs: number; bytes: number }> {
  const [row] = await db
    .select({ jobs: sql<number>`count(*)`, bytes: bytesOf })
    .from(jobs)
    .where(inArray(jobs.state, [...ON_THE_MOVE]));
  return { jobs: row?.jobs ?? 0, bytes: row?.bytes ?? 0 };
}

/** How many devices are in each state. */
export async function countDevices(db: Reader): Promise<Partial<Record<DeviceState, number>>> {
  const rows = await db
    .select({ state: devices.state, count: sql<number>`count(*)` })
    .from(devices)
    .groupBy(devices.state);
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}
