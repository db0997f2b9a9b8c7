import { randomUUID } from 'node:crypto';
import { hashPassword } from 'better-auth/crypto';
import { and, asc, eq } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import type { PersonRole } from '../../domain/words.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader, Tx } from '../db/database.ts';
import { account, session, user } from '../db/schema/auth.ts';
import { voidRights } from './void-rights.ts';

export interface NewPerson {
  name: string;
  email: string;
  role: PersonRole;
  password: string;
}

type PersonRow = typeof user.$inferSelect;

/** People in the order of their addresses. */
export async function listPeople(db: Reader): Promise<PersonRow[]> {
  return db.select().from(user).orderBy(asc(user.id));
}

export async function personOf(db: Reader, id: string): Promise<PersonRow | undefined> {
  const [person] = await db.select().from(user).where(eq(user.id, id));
  return person;
}

/** Adds a person who signs in with address and password. Throws EmailTaken, Forbidden. */
export async function addPerson(
  db: ConsoleDatabase,
  actor: Actor,
  person: NewPerson,
  now: Date,
): Promise<PersonRow> {
  authorize(actor, 'people.manage');
  const hash = await hashPassword(person.password);
  return db.transaction((tx) => insertPerson(tx, actor, { ...person, hash }, now));
}

/** Adds a person within a change. Throws EmailTaken. */
export async function insertPerson(
  tx: Tx,
  actor: Actor,
  person: NewPerson & { hash?: string },
  now: Date,
): Promise<PersonRow> {
  const { name, role } = person;
  const email = person.email.toLowerCase();
  const [taken] = await tx.select().from(user).where(eq(user.email, email));
  if (taken) throw new WaybillError('EmailTaken', { email });
  const times = { createdAt: now, updatedAt: now };
  const [row] = await tx
    .insert(user)
    .values({ id: email, name, email, role, emailVerified: true, ...times })
    .returning();
  if (!row) throw new WaybillError('Internal', { reference: 'person not inserted' });
  await tx.insert(account).values({
    id: randomUUID(),
    accountId: row.id,
    providerId: 'credential',
    userId: row.id,
    password: person.hash ?? (await hashPassword(person.password)),
    ...times,
  });
  const detail = { personId: row.id, role };
  await appendCustody(tx, actor, { kind: 'person.added', detail }, now);
  return row;
}

export interface PersonChange {
  name?: string | undefined;
  role?: PersonRole | undefined;
  disabled?: boolean | undefined;
  password?: string | undefined;
}

/**
 * Changes a person. A new password or role, or disabling, ends their sessions; what they made and may not have any
 * more is void. Throws NotFound, LastAdmin, Forbidden.
 */
export async function changePerson(
  db: ConsoleDatabase,
  actor: Actor,
  id: string,
  change: PersonChange,
  now: Date,
): Promise<PersonRow> {
  authorize(actor, 'people.manage');
  const { password, ...columns } = change;
  const hash = password === undefined ? undefined : await hashPassword(password);
  return db.transaction(async (tx) => {
    const [before] = await tx.select().from(user).where(eq(user.id, id));
    if (!before) throw new WaybillError('NotFound', { what: 'person', id });
    const [after] = await tx
      .update(user)
      .set({ ...columns, updatedAt: now })
      .where(eq(user.id, id))
      .returning();
    await requireAdmin(tx);
    if (hash !== undefined) await setPassword(tx, id, hash, now);
    const endsSessions = hash !== undefined || before.role !== after?.role || after.disabled;
    if (endsSessions) await tx.delete(session).where(eq(session.userId, id));
    if (after) await voidRights(tx, after, now);
    const detail = { personId: id, ...columns, newPassword: hash !== undefined };
    await appendCustody(tx, actor, { kind: 'person.changed', detail }, now);
    return after ?? before;
  });
}

/** Gives a person another password within a change, and ends their sessions. Throws NotFound. */
export async function replacePassword(
  tx: Tx,
  actor: Actor,
  { personId, hash }: { personId: string; hash: string },
  now: Date,
): Promise<void> {
  if (!(await personOf(tx, personId)))
    throw new WaybillError('NotFound', { what: 'person', id: personId });
  await setPassword(tx, personId, hash, now);
  await tx.delete(session).where(eq(session.userId, personId));
  const detail = { personId, newPassword: true };
  await appendCustody(tx, actor, { kind: 'person.changed', detail }, now);
}

async function setPassword(tx: Tx, id: string, hash: string, now: Date): Promise<void> {
  const ofPerson = and(eq(account.userId, id), eq(account.providerId, 'credential'));
  await tx.update(account).set({ password: hash, updatedAt: now }).where(ofPerson);
}

async function requireAdmin(tx: Tx): Promise<void> {
  const active = and(eq(user.role, 'admin'), eq(user.disabled, false));
  const [admin] = await tx.select().from(user).where(active).limit(1);
  if (!admin) throw new WaybillError('LastAdmin');
}
