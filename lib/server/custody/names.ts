import { inArray } from 'drizzle-orm';
import { actorNames } from '../actors/actor-names.ts';
import type { Reader } from '../db/database.ts';
import { jobs } from '../db/schema/jobs.ts';

/** What people call the actors and the jobs of some entries of the custody log, by their ids. */
export async function custodyNames(
  db: Reader,
  entries: readonly { actor: string; jobId: string | null }[],
): Promise<Record<string, string>> {
  const actors = [...new Set(entries.map(({ actor }) => actor))];
  const names = await actorNames(db, actors);
  const jobIds = [...new Set(entries.flatMap(({ jobId }) => jobId ?? []))];
  const rows = await db
    .select({ id: jobs.id, name: jobs.name })
    .from(jobs)
    .where(inArray(jobs.id, jobIds));
  return Object.fromEntries([
    ...actors.map((actor) => [actor, names.of(actor)]),
    ...rows.map(({ id, name }) => [id, name]),
  ]);
}
