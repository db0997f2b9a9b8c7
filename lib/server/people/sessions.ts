import { and, desc, eq, gt } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader } from '../db/database.ts';
import { session } from '../db/schema/auth.ts';

const personOf = (actor: Actor): string => actor.id.replace(/^person:/, '');

/** Sessions that are open: the caller's own, or another person's for who manages people. Throws Forbidden. */
export async function listSessions(
  db: Reader,
  actor: Actor,
  { personId = personOf(actor) }: { personId?: string | undefined },
  now: Date,
) {
  authorize(actor, personId === personOf(actor) ? 'token.own' : 'people.manage');
  const open = and(eq(session.userId, personId), gt(session.expiresAt, now));
  const rows = await db.select().from(session).where(open).orderBy(desc(session.updatedAt));
  return rows.map(({ id, createdAt, updatedAt, expiresAt, ipAddress, userAgent }) => ({
    id,
    personId,
    ipAddress,
    userAgent,
    current: id === actor.sessionId,
    createdAt: createdAt.toISOString(),
    seenAt: updatedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  }));
}

/** Ends a session: one's own, or another person's for who manages people. Throws NotFound, Forbidden. */
export async function endSession(
  db: ConsoleDatabase,
  actor: Actor,
  id: string,
  now: Date,
): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx.select().from(session).where(eq(session.id, id));
    if (!row) throw new WaybillError('NotFound', { what: 'session', id });
    authorize(actor, row.userId === personOf(actor) ? 'token.own' : 'people.manage');
    await tx.delete(session).where(eq(session.id, id));
    const detail = { personId: row.userId, sessions: 1 };
    await appendCustody(tx, actor, { kind: 'person.sessions-ended', detail }, now);
  });
}

/** Ends all sessions of a person. Throws Forbidden. */
export async function endSessionsOf(
  db: ConsoleDatabase,
  actor: Actor,
  personId: string,
  now: Date,
): Promise<void> {
  authorize(actor, personId === personOf(actor) ? 'token.own' : 'people.manage');
  await db.transaction(async (tx) => {
    const ended = await tx.delete(session).where(eq(session.userId, personId)).returning();
    const detail = { personId, sessions: ended.length };
    await appendCustody(tx, actor, { kind: 'person.sessions-ended', detail }, now);
  });
}
