import { and, eq, lt } from 'drizzle-orm';
import { SYSTEM } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import type { ConsoleDatabase } from '../db/database.ts';
import { diskOrders } from '../db/schema/aws.ts';
import { jobs } from '../db/schema/jobs.ts';
import { applyAction } from '../lifecycle/transitions.ts';

/**
 * Orders of the Import/Export API expire: a job whose disk has not set out 30 days after it was made, nor been
 * copied to as far as is known, is cancelled. Jobs that were made elsewhere do not expire.
 */
const EXPIRE_MS = 30 * 86_400_000;
const LOOK_EVERY_MS = 3_600_000;

/** Cancels what has expired by `now`. */
export async function expireDiskOrders(db: ConsoleDatabase, now: Date): Promise<void> {
  const before = new Date(now.getTime() - EXPIRE_MS).toISOString();
  const due = await db.read
    .select({ jobId: jobs.id })
    .from(jobs)
    .innerJoin(diskOrders, eq(diskOrders.jobId, jobs.id))
    .where(
      and(
        eq(jobs.state, 'created'),
        eq(jobs.copyPhase, 'not-started'),
        lt(jobs.stateSince, before),
      ),
    );
  const note = 'expired: no disk within 30 days';
  for (const { jobId } of due) {
    await db.transaction(async (tx) => {
      const [job] = await tx.select().from(jobs).where(eq(jobs.id, jobId));
      if (job?.state !== 'created' || job.copyPhase !== 'not-started') return;
      await applyAction(tx, SYSTEM, { jobId, action: 'cancel', note }, now);
      const expiredAt = now.toISOString();
      await tx.update(diskOrders).set({ expiredAt }).where(eq(diskOrders.jobId, jobId));
    });
  }
}

/** Lets orders expire while the console runs. */
export function startDiskExpiry({ db, log }: Pick<ServerContext, 'db' | 'log'>): void {
  const look = () =>
    expireDiskOrders(db, new Date()).catch((error: unknown) =>
      log.error({ error: String(error) }, 'orders did not expire'),
    );
  void look();
  setInterval(look, LOOK_EVERY_MS).unref();
}
