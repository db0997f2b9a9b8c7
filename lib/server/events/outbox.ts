import { randomUUID } from 'node:crypto';
import { eq, isNull } from 'drizzle-orm';
import { INCIDENTS, isIncidentKind } from '../../domain/incidents.ts';
import { isSubscribed, type NoticeType } from '../../domain/notifications.ts';
import type { Tx } from '../db/database.ts';
import { jobs } from '../db/schema/jobs.ts';
import { notificationOutbox, notificationTargets } from '../db/schema/notifications.ts';

/** An event of the feed, as far as people and programs elsewhere are told of it. */
interface FeedEvent {
  jobId: string;
  kind: string;
  detail: Record<string, unknown>;
}

/** What an event of the feed is to be told as; undefined: it is not. */
function noticeOf({ kind, detail }: FeedEvent): NoticeType | undefined {
  if (kind === 'job' && detail.state !== undefined) return 'job.state';
  if (kind !== 'incident') return undefined;
  return detail.resolved === undefined ? 'job.attention' : 'job.attention-resolved';
}

/** Puts into the outbox what targets want to hear of an event, in the transaction of the change. */
export async function queueNotices(tx: Tx, event: FeedEvent, now: Date): Promise<void> {
  const type = noticeOf(event);
  if (!type) return;
  const targets = await tx
    .select()
    .from(notificationTargets)
    .where(isNull(notificationTargets.removedAt));
  if (targets.length === 0) return;
  const [job] = await tx.select().from(jobs).where(eq(jobs.id, event.jobId));
  if (!job) return;
  const { id: jobId, name, option, type: direction, state, stateSince, outcome, deviceId } = job;
  const data = {
    jobId,
    name,
    option,
    type: direction,
    state,
    stateSince,
    outcome,
    deviceId,
    ...(typeof event.detail.action === 'string' && { action: event.detail.action }),
    ...incidentOf(event.detail),
  };
  for (const target of targets) {
    if (!isSubscribed(target, job.notification, { type, state })) continue;
    await enqueue(tx, { targetId: target.id, jobId, type, data }, now);
  }
}

function incidentOf({ kind, resolved }: Record<string, unknown>): Record<string, unknown> {
  if (Array.isArray(resolved)) return { resolved };
  if (!isIncidentKind(kind)) return {};
  const { owner, next } = INCIDENTS[kind];
  return { incident: { kind, owner, next } };
}

/** Puts one message into the outbox, due at once. */
export async function enqueue(
  tx: Tx,
  message: Pick<typeof notificationOutbox.$inferInsert, 'targetId' | 'jobId' | 'type' | 'data'>,
  now: Date,
): Promise<string> {
  const id = `msg_${randomUUID()}`;
  await tx.insert(notificationOutbox).values({
    ...message,
    id,
    createdAt: now.toISOString(),
    state: 'waiting',
    nextMs: now.getTime(),
  });
  return id;
}
