import { and, asc, desc, eq, inArray, lt } from 'drizzle-orm';
import type { DeliveryRow } from '../../api/schemas/notification-schemas.ts';
import { WaybillError } from '../../domain/errors.ts';
import type { DeliveryState } from '../../domain/notifications.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import type { Reader } from '../db/database.ts';
import {
  notificationAttempts,
  notificationOutbox,
  notificationTargets,
} from '../db/schema/notifications.ts';
import { enqueue } from '../events/outbox.ts';
import { attempt } from './dispatch.ts';
import { summaryOfMessage } from './message-text.ts';
import { getTarget } from './targets.ts';

type Sending = Pick<ServerContext, 'db' | 'kms' | 'config' | 'authority' | 'paths'>;

/** Which deliveries a list shows. */
export interface DeliveryFilter {
  targetId?: string | undefined;
  jobId?: string | undefined;
  state?: DeliveryState | undefined;
  id?: string | undefined;
}

/** Messages and their attempts, newest first, from below `before` (a message's `seq`). */
export async function listDeliveries(
  db: Reader,
  page: { before?: number | undefined; limit: number } & DeliveryFilter,
): Promise<DeliveryRow[]> {
  const { before, limit, targetId, jobId, state, id } = page;
  const rows = await db
    .select({ message: notificationOutbox, targetName: notificationTargets.name })
    .from(notificationOutbox)
    .innerJoin(notificationTargets, eq(notificationTargets.id, notificationOutbox.targetId))
    .where(
      and(
        before === undefined ? undefined : lt(notificationOutbox.seq, before),
        targetId === undefined ? undefined : eq(notificationOutbox.targetId, targetId),
        jobId === undefined ? undefined : eq(notificationOutbox.jobId, jobId),
        state && eq(notificationOutbox.state, state),
        id === undefined ? undefined : eq(notificationOutbox.id, id),
      ),
    )
    .orderBy(desc(notificationOutbox.seq))
    .limit(limit);
  const ids = rows.map(({ message }) => message.id);
  const tries =
    ids.length === 0
      ? []
      : await db
          .select()
          .from(notificationAttempts)
          .where(inArray(notificationAttempts.messageId, ids))
          .orderBy(asc(notificationAttempts.seq));
  return rows.map(({ message, targetName }) => ({
    seq: message.seq,
    id: message.id,
    targetId: message.targetId,
    targetName,
    jobId: message.jobId,
    type: message.type,
    state: message.state,
    summary: summaryOfMessage(message),
    createdAt: message.createdAt,
    nextAt: message.state === 'waiting' ? new Date(message.nextMs).toISOString() : null,
    attempts: tries
      .filter(({ messageId }) => messageId === message.id)
      .map(({ at, status, error, milliseconds }) => ({ at, status, error, milliseconds })),
  }));
}

/** Sends a test message at once, once. Returns how it went. Throws NotFound, Forbidden. */
export async function testTarget(
  context: Sending,
  actor: Actor,
  targetId: string,
  now: Date,
): Promise<DeliveryRow> {
  authorize(actor, 'settings.manage');
  const id = await context.db.transaction(async (tx) => {
    await getTarget(tx, targetId);
    const data = { text: 'This is a test: Waybill can reach you.' };
    return enqueue(tx, { targetId, jobId: null, type: 'test', data }, now);
  });
  return deliverNow(context, id);
}

/** Sends a message again at once; should that fail, the schedule begins anew. Throws NotFound, TargetDisabled, Forbidden. */
export async function redeliver(
  context: Sending,
  actor: Actor,
  id: string,
  now: Date,
): Promise<DeliveryRow> {
  authorize(actor, 'settings.manage');
  await context.db.transaction(async (tx) => {
    const [message] = await tx
      .select()
      .from(notificationOutbox)
      .where(eq(notificationOutbox.id, id));
    if (!message) throw new WaybillError('NotFound', { what: 'delivery', id: id.slice(0, 64) });
    const target = await getTarget(tx, message.targetId);
    if (target.disabledAt !== null) throw new WaybillError('TargetDisabled', { name: target.name });
    const again = { state: 'waiting', attempts: 0, nextMs: now.getTime(), leaseMs: 0 } as const;
    await tx.update(notificationOutbox).set(again).where(eq(notificationOutbox.id, id));
  });
  return deliverNow(context, id);
}

async function deliverNow(context: Sending, id: string): Promise<DeliveryRow> {
  const it = eq(notificationOutbox.id, id);
  const claimed = await context.db.transaction(async (tx) => {
    const leaseMs = Date.now() + 60_000;
    const [message] = await tx
      .update(notificationOutbox)
      .set({ leaseMs })
      .where(and(it, eq(notificationOutbox.leaseMs, 0), eq(notificationOutbox.state, 'waiting')))
      .returning();
    return message && { message, target: await getTarget(tx, message.targetId) };
  });
  // The dispatcher may have been quicker; then it is being sent.
  if (claimed) await attempt(context, claimed, () => new Date());
  const [row] = await listDeliveries(context.db.read, { id, limit: 1 });
  if (!row) throw new WaybillError('NotFound', { what: 'delivery', id });
  return row;
}
