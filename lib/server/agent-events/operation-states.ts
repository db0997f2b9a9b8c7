import { and, eq, inArray } from 'drizzle-orm';
import { type OperationNews, operationsAfter } from '../../domain/operations.ts';
import type { Reader, Tx } from '../db/database.ts';
import { operationNews } from '../db/schema/operations.ts';

/**
 * Keeps the newest of an operation, in the transaction that takes it. What was heard before of those that come after it is
 * forgotten: it was of an earlier copy.
 */
export async function keepOperation(
  tx: Tx,
  jobId: string,
  news: OperationNews,
  now: Date,
): Promise<void> {
  const { operation, state, attempt } = news;
  const { waitingFor = null, code = null, message = null, retryAt = null } = news;
  const later = operationsAfter(operation);
  if (later.length > 0)
    await tx
      .delete(operationNews)
      .where(and(eq(operationNews.jobId, jobId), inArray(operationNews.operation, [...later])));
  const row = { state, attempt, waitingFor, code, message, retryAt, at: now.toISOString() };
  await tx
    .insert(operationNews)
    .values({ jobId, operation, ...row })
    .onConflictDoUpdate({ target: [operationNews.jobId, operationNews.operation], set: row });
}

/** What was last heard of each operation of a job. */
export async function operationNewsOf(db: Reader, jobId: string): Promise<OperationNews[]> {
  const rows = await db.select().from(operationNews).where(eq(operationNews.jobId, jobId));
  return rows.map(({ operation, state, attempt, waitingFor, code, message, retryAt }) => ({
    operation,
    state,
    attempt,
    ...(waitingFor && { waitingFor }),
    ...(code && { code }),
    ...(message && { message }),
    ...(retryAt && { retryAt }),
  }));
}
