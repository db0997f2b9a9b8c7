import { and, asc, eq, inArray, isNull, lt, lte, ne } from 'drizzle-orm';
import { FINAL_STATES } from '../../domain/lifecycle.ts';
import { retryAfter } from '../../domain/notifications.ts';
import type { SignedHead } from '../../keys/custody/head.ts';
import type { Actor } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import { headOrOlder, newestHead } from '../custody/heads.ts';
import { appendCustody } from '../custody/log.ts';
import type { Tx } from '../db/database.ts';
import {
  notificationAttempts,
  notificationOutbox,
  notificationTargets,
} from '../db/schema/notifications.ts';
import { sendMail } from './mail.ts';
import { allowsPrivate, mailServer } from './mail-settings.ts';
import { mailText, summaryOfMessage, webhookBody } from './message-text.ts';
import { secretContext, type Target } from './targets.ts';
import { type AttemptResult, postWebhook } from './webhook.ts';

type Message = typeof notificationOutbox.$inferSelect;
type Sending = Pick<ServerContext, 'db' | 'kms' | 'config' | 'authority' | 'paths'>;

/** Longer than an attempt can take: what is claimed longer was claimed by a process that died. */
const LEASE_MS = 60_000;
const AT_ONCE = 20;
const GONE = 410;
const DISPATCHER: Actor = { id: 'system', role: 'admin', channel: 'token' };

/** Claims messages that are due, so that no other process sends them now. */
async function claimDue(
  { db }: Sending,
  now: Date,
): Promise<{ message: Message; target: Target }[]> {
  return db.transaction(async (tx) => {
    const due = await tx
      .select({ message: notificationOutbox, target: notificationTargets })
      .from(notificationOutbox)
      .innerJoin(notificationTargets, eq(notificationTargets.id, notificationOutbox.targetId))
      .where(
        and(
          eq(notificationOutbox.state, 'waiting'),
          lte(notificationOutbox.nextMs, now.getTime()),
          lte(notificationOutbox.leaseMs, now.getTime()),
          isNull(notificationTargets.disabledAt),
        ),
      )
      .orderBy(asc(notificationOutbox.nextMs))
      .limit(AT_ONCE);
    await leaseOut(
      tx,
      due.map(({ message }) => message.id),
      now,
    );
    return due;
  });
}

async function leaseOut(tx: Tx, ids: string[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  const leaseMs = now.getTime() + LEASE_MS;
  await tx.update(notificationOutbox).set({ leaseMs }).where(inArray(notificationOutbox.id, ids));
}

/** Sends everything that is due. Returns how many attempts were made. */
export async function deliverDue(context: Sending, now: () => Date): Promise<number> {
  let attempts = 0;
  for (;;) {
    const due = await claimDue(context, now());
    await Promise.all(due.map((row) => attempt(context, row, now)));
    attempts += due.length;
    if (due.length < AT_ONCE) return attempts;
  }
}

/** Makes one attempt and records how it ended. */
export async function attempt(
  context: Sending,
  { message, target }: { message: Message; target: Target },
  now: () => Date,
): Promise<AttemptResult> {
  const started = now();
  const result = await send(context, message, target, started);
  const milliseconds = Math.max(0, now().getTime() - started.getTime());
  await context.db.transaction(async (tx) => {
    const at = started.toISOString();
    await tx
      .insert(notificationAttempts)
      .values({ messageId: message.id, at, milliseconds, ...result });
    if (result.error === null) await recordSuccess(tx, message);
    else await recordFailure(tx, { message, target, result }, now());
  });
  return result;
}

async function send(
  context: Sending,
  message: Message,
  target: Target,
  now: Date,
): Promise<AttemptResult> {
  const { db, kms, config } = context;
  const { id } = message;
  if (target.kind === 'email') {
    const server = await mailServer(context);
    if (!server) return { status: null, error: 'no mail server is set' };
    const subject = `Waybill: ${summaryOfMessage(message)}`;
    const text = mailText(message, config.publicUrl, await headFor(context, message, now));
    return sendMail(server, { to: target.address, subject, text, id });
  }
  if (target.wrappedSecret === null) return { status: null, error: 'the webhook has no secret' };
  const secret = (await kms.unwrap(target.wrappedSecret, secretContext(target.id))).toString(
    'utf8',
  );
  const body = webhookBody(message, config.publicUrl, await headFor(context, message, now));
  const allowPrivate = await allowsPrivate(db.read);
  return postWebhook({ address: target.address, secret, allowPrivate }, { id, body }, now);
}

/**
 * The signed head of the custody log that goes with a message: of a job that ended one that covers its end. Receivers
 * keep it where nobody who can write to this console reaches it.
 */
async function headFor(
  context: Sending,
  { data }: Message,
  now: Date,
): Promise<SignedHead | undefined> {
  const ended: readonly unknown[] = FINAL_STATES;
  if (!ended.includes(data.state)) return newestHead(context.db.read);
  return headOrOlder(context, now);
}

async function recordSuccess(tx: Tx, message: Message): Promise<void> {
  const attempts = message.attempts + 1;
  const delivered = { state: 'delivered', attempts, leaseMs: 0 } as const;
  await tx.update(notificationOutbox).set(delivered).where(eq(notificationOutbox.id, message.id));
  const it = eq(notificationTargets.id, message.targetId);
  await tx.update(notificationTargets).set({ failingSince: null }).where(it);
}

/** The message waits for its next attempt, or has failed. A target that took nothing for the whole schedule is disabled. */
async function recordFailure(
  tx: Tx,
  { message, target, result }: { message: Message; target: Target; result: AttemptResult },
  now: Date,
): Promise<void> {
  const attempts = message.attempts + 1;
  const wait = message.type === 'test' ? undefined : retryAfter(attempts);
  const gone = result.status === GONE;
  const state = wait === undefined || gone ? 'failed' : 'waiting';
  // A tenth of chance, so that what failed together does not come back together.
  const nextMs = now.getTime() + (wait ?? 0) * 1000 * (1 + Math.random() / 10);
  await tx
    .update(notificationOutbox)
    .set({ state, attempts, leaseMs: 0, nextMs: Math.round(nextMs) })
    .where(eq(notificationOutbox.id, message.id));
  if (message.type === 'test') return;
  const failing = and(
    eq(notificationTargets.id, target.id),
    isNull(notificationTargets.failingSince),
  );
  await tx.update(notificationTargets).set({ failingSince: now.toISOString() }).where(failing);
  const [current] = await tx
    .select()
    .from(notificationTargets)
    .where(eq(notificationTargets.id, target.id));
  if (!current || current.disabledAt !== null || (!gone && wait !== undefined)) return;
  const why = gone
    ? 'it answered 410: gone'
    : `no message went through since ${current.failingSince}; the last attempt: ${result.error}`;
  await tx
    .update(notificationTargets)
    .set({ disabledAt: now.toISOString(), disabledWhy: why })
    .where(eq(notificationTargets.id, target.id));
  const detail = { targetId: target.id, name: target.name, what: 'disabled', why };
  await appendCustody(tx, DISPATCHER, { kind: 'notification.target', detail }, now);
}

const LOOK_MS = 1_000;
const PRUNE_MS = 3_600_000;
const KEEP_MS = 90 * 86_400_000;

/** Sends what is due, again and again, until the returned function is called. What waits is in the database: a restart loses nothing. */
export function startDispatcher(
  context: Sending & Pick<ServerContext, 'log'>,
): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  let busy = false;
  let pruned = 0;
  const look = async () => {
    await deliverDue(context, () => new Date());
    if (Date.now() - pruned < PRUNE_MS) return;
    pruned = Date.now();
    await prune(context, new Date(pruned - KEEP_MS));
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = look()
      .catch((error: unknown) => context.log.error({ error: String(error) }, 'notifications'))
      .finally(() => {
        busy = false;
      });
  }, LOOK_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

/** Forgets messages that were done with before a time. */
export async function prune({ db }: Pick<ServerContext, 'db'>, before: Date): Promise<void> {
  await db.transaction(async (tx) => {
    const old = and(
      ne(notificationOutbox.state, 'waiting'),
      lt(notificationOutbox.createdAt, before.toISOString()),
    );
    const ids = tx.select({ id: notificationOutbox.id }).from(notificationOutbox).where(old);
    await tx.delete(notificationAttempts).where(inArray(notificationAttempts.messageId, ids));
    await tx.delete(notificationOutbox).where(old);
  });
}
