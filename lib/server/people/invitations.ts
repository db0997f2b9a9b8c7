import { randomUUID } from 'node:crypto';
import { hashPassword } from 'better-auth/crypto';
import { and, desc, eq, gt, isNull } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import type { PersonRole } from '../../domain/words.ts';
import { hashToken, makeToken } from '../../keys/secrets.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader, Tx } from '../db/database.ts';
import { user } from '../db/schema/auth.ts';
import { invitations } from '../db/schema/invitations.ts';
import { sendMail } from '../notifications/mail.ts';
import { mailServer } from '../notifications/mail-settings.ts';
import { insertPerson, replacePassword } from './people.ts';

type Sending = Pick<ServerContext, 'db' | 'kms' | 'config'>;
export type Invitation = typeof invitations.$inferSelect;

const DAY_MS = 86_400_000;
const VALID_MS: Record<Invitation['kind'], number> = { invitation: 7 * DAY_MS, password: DAY_MS };

/** How a link reached its person: by mail, or it is shown to who made it, once. */
export interface IssuedLink {
  id: string;
  link: string | null;
  mailed: boolean;
  /** Why it was not mailed. */
  problem: string | null;
  expiresAt: string;
}

/** Links that can still be used, newest first. */
export async function openInvitations(db: Reader, now: Date): Promise<Invitation[]> {
  return db
    .select()
    .from(invitations)
    .where(and(stillGood(), gt(invitations.expiresAt, now.toISOString())))
    .orderBy(desc(invitations.createdAt));
}

const stillGood = () => and(isNull(invitations.usedAt), isNull(invitations.revokedAt));

/** Invites a person by a one-time link. Throws EmailTaken, Forbidden. */
export async function invite(
  context: Sending,
  actor: Actor,
  person: { name: string; email: string; role: PersonRole },
  now: Date,
): Promise<IssuedLink> {
  authorize(actor, 'people.manage');
  const email = person.email.toLowerCase();
  return issue(context, actor, { kind: 'invitation', ...person, email }, now, async (tx) => {
    const [taken] = await tx.select().from(user).where(eq(user.email, email));
    if (taken) throw new WaybillError('EmailTaken', { email });
  });
}

/** A link by which a person chooses a new password; until it is used the old one holds. Throws NotFound, Forbidden. */
export async function offerNewPassword(
  context: Sending,
  actor: Actor,
  personId: string,
  now: Date,
): Promise<IssuedLink> {
  authorize(actor, 'people.manage');
  const [person] = await context.db.read.select().from(user).where(eq(user.id, personId));
  if (!person) throw new WaybillError('NotFound', { what: 'person', id: personId });
  const { name, email, role } = person;
  return issue(context, actor, { kind: 'password', name, email, role }, now);
}

async function issue(
  context: Sending,
  actor: Actor,
  row: Pick<Invitation, 'kind' | 'name' | 'email' | 'role'>,
  now: Date,
  check?: (tx: Tx) => Promise<void>,
): Promise<IssuedLink> {
  const token = makeToken('person');
  const id = randomUUID();
  const expiresAt = new Date(now.getTime() + VALID_MS[row.kind]).toISOString();
  await context.db.transaction(async (tx) => {
    await check?.(tx);
    // A new link of the same kind voids the one before.
    const before = and(
      eq(invitations.email, row.email),
      eq(invitations.kind, row.kind),
      stillGood(),
    );
    await tx.update(invitations).set({ revokedAt: now.toISOString() }).where(before);
    const times = { createdAt: now.toISOString(), expiresAt };
    await tx
      .insert(invitations)
      .values({ ...row, ...times, id, hash: hashToken(token), createdBy: actor.id });
    const detail = { id, link: row.kind, email: row.email, role: row.role, expiresAt };
    await appendCustody(tx, actor, { kind: 'person.invited', detail }, now);
  });
  // In the fragment, so that it is in no log of a server or proxy.
  const link = `${context.config.publicUrl}/invitation#${token}`;
  const problem = await mailLink(context, { ...row, id }, link);
  return { id, expiresAt, problem, mailed: problem === null, link: problem === null ? null : link };
}

const TEXTS: Record<Invitation['kind'], { subject: string; text: string }> = {
  invitation: {
    subject: 'You are invited to Waybill',
    text: 'You are invited to Waybill. Choose your password within seven days:',
  },
  password: {
    subject: 'A new password for Waybill',
    text: 'An administrator sent you this link. Choose a new password within a day:',
  },
};

/** Null when it went out; else why it did not. */
async function mailLink(
  context: Sending,
  { kind, name, email, id }: Pick<Invitation, 'kind' | 'name' | 'email' | 'id'>,
  link: string,
): Promise<string | null> {
  const server = await mailServer(context);
  if (!server) return 'no mail server is set';
  const { subject, text } = TEXTS[kind];
  const body = `Hello ${name},\n\n${text}\n\n${link}\n\nIt works once. If you expected nothing, do nothing.\n`;
  return (await sendMail(server, { to: email, subject, text: body, id })).error;
}

/** Makes a link void. Throws NotFound, Forbidden. */
export async function revokeInvitation(
  db: ConsoleDatabase,
  actor: Actor,
  id: string,
  now: Date,
): Promise<void> {
  authorize(actor, 'people.manage');
  await db.transaction(async (tx) => {
    const [row] = await tx
      .update(invitations)
      .set({ revokedAt: now.toISOString() })
      .where(and(eq(invitations.id, id), stillGood()))
      .returning();
    if (!row) throw new WaybillError('NotFound', { what: 'invitation', id });
    const detail = { id, link: row.kind, email: row.email, revoked: true };
    await appendCustody(tx, actor, { kind: 'person.invited', detail }, now);
  });
}

/** Whose link it is. Throws InvitationInvalid. */
export async function readInvitation(db: Reader, token: string, now: Date): Promise<Invitation> {
  const [row] = await db
    .select()
    .from(invitations)
    .where(and(eq(invitations.hash, hashToken(token)), stillGood()));
  if (!row || row.expiresAt <= now.toISOString()) throw new WaybillError('InvitationInvalid');
  return row;
}

/** Uses a link, once: the person is made, or gets the new password and loses their sessions. Throws InvitationInvalid, EmailTaken. */
export async function acceptInvitation(
  db: ConsoleDatabase,
  { token, password }: { token: string; password: string },
  now: Date,
): Promise<{ personId: string; email: string }> {
  await readInvitation(db.read, token, now);
  const hash = await hashPassword(password);
  return db.transaction(async (tx) => {
    const row = await readInvitation(tx, token, now);
    const { id, kind, name, email, role } = row;
    await tx.update(invitations).set({ usedAt: now.toISOString() }).where(eq(invitations.id, id));
    const actor: Actor = { id: `person:${email}`, role, channel: 'browser' };
    if (kind === 'invitation')
      await insertPerson(tx, actor, { name, email, role, password, hash }, now);
    else await replacePassword(tx, actor, { personId: email, hash }, now);
    return { personId: email, email };
  });
}
