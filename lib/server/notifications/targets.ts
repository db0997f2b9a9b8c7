import { randomBytes, randomUUID } from 'node:crypto';
import { and, asc, eq, isNull } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import type { NotificationChoice, TargetKind } from '../../domain/notifications.ts';
import { permits } from '../../domain/permissions.ts';
import type { KeyContext } from '../../keys/kms/kms.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import { appendCustody } from '../custody/log.ts';
import type { Reader, Tx } from '../db/database.ts';
import { notificationOutbox, notificationTargets } from '../db/schema/notifications.ts';
import { allowsPrivate } from './mail-settings.ts';
import { webhookUrl } from './private-network.ts';

export type Target = typeof notificationTargets.$inferSelect;
type Keeping = Pick<ServerContext, 'db' | 'kms'>;

/** What the secret of a webhook is bound to. */
export const secretContext = (targetId: string): KeyContext => ({
  use: 'webhook-secret',
  target: targetId,
});

/** Targets in the order in which they were added. */
export async function listTargets(db: Reader): Promise<Target[]> {
  return db
    .select()
    .from(notificationTargets)
    .where(isNull(notificationTargets.removedAt))
    .orderBy(asc(notificationTargets.createdAt), asc(notificationTargets.id));
}

/** One target. Throws NotFound. */
export async function getTarget(db: Reader, id: string): Promise<Target> {
  const there = and(eq(notificationTargets.id, id), isNull(notificationTargets.removedAt));
  const [target] = await db.select().from(notificationTargets).where(there);
  if (!target) throw new WaybillError('NotFound', { what: 'notification target', id });
  return target;
}

/** The address as the actor may see it: the path of a webhook may be a secret of its receiver. */
export function visibleAddress({ kind, address }: Target, actor: Actor): string {
  if (permits(actor.role, 'settings.manage') || kind === 'email') return address;
  return `${new URL(address).origin}/…`;
}

const makeSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

const MAIL_ADDRESS = /^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/;

async function checkTargetAddress(db: Reader, kind: TargetKind, address: string): Promise<void> {
  if (kind === 'webhook') webhookUrl(address, await allowsPrivate(db));
  else if (!MAIL_ADDRESS.test(address) || address.length > 254)
    throw new WaybillError('BadRequest', { detail: 'address: an e-mail address' });
}

export interface NewTarget extends NotificationChoice {
  name: string;
  kind: TargetKind;
  address: string;
  everyJob: boolean;
}

/** Adds a target. The secret of a webhook is returned once. Throws WebhookRefused, BadRequest, Forbidden. */
export async function addTarget(
  { db, kms }: Keeping,
  actor: Actor,
  target: NewTarget,
  now: Date,
): Promise<{ target: Target; secret: string | null }> {
  authorize(actor, 'settings.manage');
  await checkTargetAddress(db.read, target.kind, target.address);
  const id = randomUUID();
  const secret = target.kind === 'webhook' ? makeSecret() : null;
  const wrappedSecret = secret && (await kms.wrap(Buffer.from(secret), secretContext(id)));
  return db.transaction(async (tx) => {
    const [row] = await tx
      .insert(notificationTargets)
      .values({ ...target, id, wrappedSecret, createdAt: now.toISOString() })
      .returning();
    if (!row) throw new WaybillError('Internal', { reference: 'target not inserted' });
    await logTarget(tx, actor, row, 'added', now);
    return { target: row, secret };
  });
}

export type TargetChange = Partial<Omit<NewTarget, 'kind'>> & { disabled?: boolean | undefined };

/** Changes a target. One that is enabled again gets what waits for it at once. Throws NotFound, WebhookRefused, Forbidden. */
export async function changeTarget(
  { db }: Keeping,
  actor: Actor,
  { targetId, change }: { targetId: string; change: TargetChange },
  now: Date,
): Promise<Target> {
  authorize(actor, 'settings.manage');
  const { disabled, ...columns } = change;
  return db.transaction(async (tx) => {
    const before = await getTarget(tx, targetId);
    if (columns.address !== undefined) await checkTargetAddress(tx, before.kind, columns.address);
    const switched =
      disabled === undefined
        ? {}
        : disabled
          ? { disabledAt: now.toISOString(), disabledWhy: 'switched off by a person' }
          : { disabledAt: null, disabledWhy: null, failingSince: null };
    const [row] = await tx
      .update(notificationTargets)
      .set({ ...columns, ...switched })
      .where(eq(notificationTargets.id, targetId))
      .returning();
    if (disabled === false) {
      const waiting = and(
        eq(notificationOutbox.targetId, targetId),
        eq(notificationOutbox.state, 'waiting'),
      );
      await tx.update(notificationOutbox).set({ nextMs: now.getTime() }).where(waiting);
    }
    await logTarget(tx, actor, row ?? before, 'changed', now);
    return row ?? before;
  });
}

/** Takes a target away; what waits for it is not sent. Throws NotFound, Forbidden. */
export async function removeTarget(
  { db }: Keeping,
  actor: Actor,
  targetId: string,
  now: Date,
): Promise<void> {
  authorize(actor, 'settings.manage');
  await db.transaction(async (tx) => {
    const target = await getTarget(tx, targetId);
    const removedAt = now.toISOString();
    await tx
      .update(notificationTargets)
      .set({ removedAt, wrappedSecret: null })
      .where(eq(notificationTargets.id, targetId));
    const waiting = and(
      eq(notificationOutbox.targetId, targetId),
      eq(notificationOutbox.state, 'waiting'),
    );
    await tx.update(notificationOutbox).set({ state: 'failed' }).where(waiting);
    await logTarget(tx, actor, target, 'removed', now);
  });
}

/** A new secret for a webhook; the old one is void. It is returned once. Throws NotFound, Conflict, Forbidden. */
export async function renewSecret(
  { db, kms }: Keeping,
  actor: Actor,
  targetId: string,
  now: Date,
): Promise<string> {
  authorize(actor, 'settings.manage');
  const secret = makeSecret();
  const wrappedSecret = await kms.wrap(Buffer.from(secret), secretContext(targetId));
  await db.transaction(async (tx) => {
    const target = await getTarget(tx, targetId);
    if (target.kind !== 'webhook')
      throw new WaybillError('Conflict', { detail: 'only a webhook has a secret' });
    const it = eq(notificationTargets.id, targetId);
    await tx.update(notificationTargets).set({ wrappedSecret }).where(it);
    await logTarget(tx, actor, target, 'got a new secret', now);
  });
  return secret;
}

async function logTarget(tx: Tx, actor: Actor, target: Target, what: string, now: Date) {
  const { id: targetId, name, kind, everyJob, notifyAll, states, attention } = target;
  const address = kind === 'webhook' ? new URL(target.address).origin : target.address;
  const choice = { everyJob, notifyAll, states, attention, disabled: target.disabledAt !== null };
  const detail = { targetId, what, name, kind, address, ...choice };
  await appendCustody(tx, actor, { kind: 'notification.target', detail }, now);
}
