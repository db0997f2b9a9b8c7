import { randomUUID } from 'node:crypto';
import { and, desc, eq, isNull, or } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import { type Permission, permits } from '../../domain/permissions.ts';
import type { Role } from '../../domain/words.ts';
import { hashToken, makeToken, type TokenKind } from '../../keys/secrets.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader, Tx } from '../db/database.ts';
import { user } from '../db/schema/auth.ts';
import { accessTokens } from '../db/schema/tokens.ts';

/** What a new token is for. `subject` is a person's id, a job's id or a station's name. */
export interface NewToken {
  kind: TokenKind;
  name: string;
  subject: string;
  role: Role;
  expiresAt?: Date;
}

const MAKE: Record<TokenKind, Permission> = {
  person: 'token.own',
  job: 'job.credentials',
  station: 'token.station',
};

/** A token never gives more than its maker has: people make tokens for themselves, with their own role. */
function authorizeToken(actor: Actor, { kind, role, subject }: NewToken): void {
  const permission = MAKE[kind];
  authorize(actor, permission);
  const own = role === actor.role && actor.id === `person:${subject}`;
  if (kind === 'person' ? !own : role !== kind) {
    throw new WaybillError('Forbidden', { role: actor.role, permission });
  }
}

/** Makes a bearer token. It is returned once; only its hash is kept. Throws Forbidden. */
export async function createToken(
  db: ConsoleDatabase,
  actor: Actor,
  token: NewToken,
  now: Date,
): Promise<{ id: string; token: string }> {
  return db.transaction((tx) => insertToken(tx, actor, token, now));
}

/** As `createToken`, within a change. */
export async function insertToken(
  tx: Tx,
  actor: Actor,
  request: NewToken,
  now: Date,
): Promise<{ id: string; token: string }> {
  authorizeToken(actor, request);
  const { kind, name, subject, role, expiresAt } = request;
  const token = makeToken(kind);
  const id = randomUUID();
  await tx.insert(accessTokens).values({
    id,
    kind,
    name,
    subject,
    role,
    hash: hashToken(token),
    createdAt: now.toISOString(),
    expiresAt: expiresAt?.toISOString(),
  });
  const detail = { id, kind, name, subject, role };
  const jobId = kind === 'job' ? subject : undefined;
  await appendCustody(tx, actor, { kind: 'token.created', jobId, detail }, now);
  return { id, token };
}

/** The caller's own tokens, newest first; those of stations too for who may make them. */
export async function listTokens(db: Reader, actor: Actor) {
  authorize(actor, 'token.own');
  const own = and(
    eq(accessTokens.kind, 'person'),
    eq(accessTokens.subject, actor.id.replace(/^person:/, '')),
  );
  const seen = permits(actor.role, 'token.station')
    ? or(own, eq(accessTokens.kind, 'station'))
    : own;
  return db.select().from(accessTokens).where(seen).orderBy(desc(accessTokens.createdAt));
}

/** Takes back every token of a job: it is finished. */
export async function revokeJobTokens(tx: Tx, jobId: string, now: Date): Promise<void> {
  const ofJob = and(eq(accessTokens.kind, 'job'), eq(accessTokens.subject, jobId));
  const stillGood = and(ofJob, isNull(accessTokens.revokedAt));
  await tx.update(accessTokens).set({ revokedAt: now.toISOString() }).where(stillGood);
}

/** Takes a token back; one that is taken back stays so. Throws NotFound, and Forbidden for another person's token. */
export async function revokeToken(
  db: ConsoleDatabase,
  actor: Actor,
  id: string,
  now: Date,
): Promise<void> {
  authorize(actor, 'token.own');
  await db.transaction(async (tx) => {
    const [token] = await tx.select().from(accessTokens).where(eq(accessTokens.id, id));
    if (!token) throw new WaybillError('NotFound', { what: 'token', id });
    const own = token.kind === 'person' && actor.id === `person:${token.subject}`;
    if (!own) authorize(actor, 'token.station');
    const stillGood = and(eq(accessTokens.id, id), isNull(accessTokens.revokedAt));
    await tx.update(accessTokens).set({ revokedAt: now.toISOString() }).where(stillGood);
    await appendCustody(
      tx,
      actor,
      { kind: 'token.revoked', detail: { id, name: token.name } },
      now,
    );
  });
}

/** Who carries a token. Throws TokenInvalid, TokenExpired, TokenRevoked. */
export async function actorOfToken(db: ConsoleDatabase, secret: string, now: Date): Promise<Actor> {
  const [token] = await db.read
    .select()
    .from(accessTokens)
    .where(eq(accessTokens.hash, hashToken(secret)));
  if (!token) throw new WaybillError('TokenInvalid');
  if (token.revokedAt) throw new WaybillError('TokenRevoked', { at: token.revokedAt });
  if (token.expiresAt && Date.parse(token.expiresAt) <= now.getTime()) {
    throw new WaybillError('TokenExpired', { at: token.expiresAt });
  }
  const id = `${token.kind}:${token.subject}`;
  const actor: Actor = { id, role: token.role, channel: 'token', tokenId: token.id };
  if (token.kind === 'job') return { ...actor, jobId: token.subject };
  if (token.kind === 'station') return actor;
  // A person's token is worth what the person is now.
  const [person] = await db.read.select().from(user).where(eq(user.id, token.subject));
  if (!person || person.disabled) throw new WaybillError('TokenRevoked', { at: 'an earlier time' });
  return { ...actor, role: person.role };
}
