import { eq } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import type { Reader } from '../db/database.ts';
import { jobs } from '../db/schema/jobs.ts';

export type Job = typeof jobs.$inferSelect;

/** One job. Throws NotFound. */
export async function getJob(db: Reader, jobId: string): Promise<Job> {
  const [job] = await db.select().from(jobs).where(eq(jobs.id, jobId));
  if (!job) throw new WaybillError('NotFound', { what: 'job', id: jobId });
  return job;
}
