import { randomBytes } from 'node:crypto';
import { and, desc, eq, isNull, lt } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader } from '../db/database.ts';
import { accessKeys, usedSignatures } from '../db/schema/access-keys.ts';
import { personOf } from './people.ts';

/** Access keys: an id and a secret with which programs sign requests (AWS Signature Version 4). */

type Keys = Pick<ServerContext, 'db' | 'kms'>;

/** What a wrapped secret is bound to. */
export const accessKeyContext = (id: string) => ({ use: 'access-key', key: id });

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** "WBAK" and 16 letters or digits: 20 characters, as clients expect, and never mistaken for a key of AWS. */
function newKeyId(): string {
  return `WBAK${Array.from(randomBytes(16), (byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}

/**
 * Makes an access key of the caller. The secret (40 characters, 240 random bits) is returned once and kept
 * wrapped. Throws Forbidden for who is no person.
 */
export async function createAccessKey(
  { db, kms }: Keys,
  actor: Actor,
  request: { name: string; expiresAt?: Date | undefined },
  now: Date,
): Promise<{ id: string; secret: string }> {
  authorize(actor, 'token.own');
  const personId = personIdOf(actor);
  const { name, expiresAt } = request;
  const id = newKeyId();
  const secret = randomBytes(30).toString('base64url');
  const wrappedSecret = await kms.wrap(Buffer.from(secret), accessKeyContext(id));
  await db.transaction(async (tx) => {
    await tx.insert(accessKeys).values({
      id,
      personId,
      name,
      wrappedSecret,
      createdAt: now.toISOString(),
      expiresAt: expiresAt?.toISOString(),
    });
    const detail = { id, kind: 'access-key', name, subject: personId };
    await appendCustody(tx, actor, { kind: 'token.created', detail }, now);
  });
  return { id, secret };
}

function personIdOf(actor: Actor): string {
  const [, id] = /^person:(.+)$/s.exec(actor.id) ?? [];
  if (id === undefined) {
    throw new WaybillError('Forbidden', { role: actor.role, permission: 'token.own' });
  }
  return id;
}

/** The caller's own keys, newest first. Secrets are not told. */
export async function listAccessKeys(db: Reader, actor: Actor) {
  authorize(actor, 'token.own');
  const rows = await db
    .select()
    .from(accessKeys)
    .where(eq(accessKeys.personId, personIdOf(actor)))
    .orderBy(desc(accessKeys.createdAt));
  return rows.map(({ wrappedSecret: _, ...row }) => row);
}

/** Takes a key back, at once and for good. Throws NotFound, also for another person's key unless the caller manages people. */
export async function revokeAccessKey(
  db: ConsoleDatabase,
  actor: Actor,
  id: string,
  now: Date,
): Promise<void> {
  authorize(actor, 'token.own');
  await db.transaction(async (tx) => {
    const [key] = await tx.select().from(accessKeys).where(eq(accessKeys.id, id));
    const own = key?.personId === personIdOf(actor);
    if (!key || (!own && actor.role !== 'admin')) {
      throw new WaybillError('NotFound', { what: 'access key', id });
    }
    const stillGood = and(eq(accessKeys.id, id), isNull(accessKeys.revokedAt));
    await tx.update(accessKeys).set({ revokedAt: now.toISOString() }).where(stillGood);
    const detail = { id, name: key.name };
    await appendCustody(tx, actor, { kind: 'token.revoked', detail }, now);
  });
}

/** The secret of a key and whom it stands for; undefined when it is unknown, revoked, expired, or its person is disabled. */
export async function openAccessKey(
  { db, kms }: Keys,
  id: string,
  now: Date,
): Promise<{ secret: string; actor: Actor } | undefined> {
  const [key] = await db.read.select().from(accessKeys).where(eq(accessKeys.id, id));
  if (!key || key.revokedAt) return undefined;
  if (key.expiresAt && Date.parse(key.expiresAt) <= now.getTime()) return undefined;
  const actor = await actorOfPerson(db.read, key.personId);
  if (!actor) return undefined;
  const secret = (await kms.unwrap(key.wrappedSecret, accessKeyContext(id))).toString('utf8');
  return { secret, actor: { ...actor, tokenId: id } };
}

/** A person as a program acts for them, with the role they have now; undefined when they are gone or disabled. */
export async function actorOfPerson(db: Reader, personId: string): Promise<Actor | undefined> {
  const person = await personOf(db, personId);
  if (!person || person.disabled) return undefined;
  return { id: `person:${person.id}`, role: person.role, channel: 'token' };
}

/** Notes a signature, good once until `until`. Throws RequestReplayed when it was noted before. */
export async function spendSignature(
  db: ConsoleDatabase,
  signature: string,
  until: Date,
  now: Date,
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.delete(usedSignatures).where(lt(usedSignatures.untilMs, now.getTime()));
    const noted = await tx
      .insert(usedSignatures)
      .values({ signature, untilMs: until.getTime() })
      .onConflictDoNothing()
      .returning();
    if (noted.length === 0) throw new WaybillError('RequestReplayed');
  });
}

/** Forgets a signature whose request failed inside: the client may send it again as it is. */
export async function forgetSignature(db: ConsoleDatabase, signature: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.delete(usedSignatures).where(eq(usedSignatures.signature, signature));
  });
}
