import { eq } from 'drizzle-orm';
import { WaybillError } from '../../domain/errors.ts';
import type { PersonRole } from '../../domain/words.ts';
import type { Actor } from '../actors/actor.ts';
import { ownOrigins } from '../auth/auth.ts';
import type { ServerContext } from '../context/server-context.ts';
import { user } from '../db/schema/auth.ts';
import { actorOfToken } from '../people/tokens.ts';

/** A person as pages show them. */
export interface Person {
  id: string;
  name: string;
  email: string;
  role: PersonRole;
  sessionId?: string;
}

/** The person whose session the headers carry. */
export async function personOfSession(
  { auth, db }: ServerContext,
  headers: Headers,
): Promise<Person | undefined> {
  if (!headers.has('cookie')) return undefined;
  const session = await auth.api.getSession({ headers });
  if (!session) return undefined;
  const [person] = await db.read.select().from(user).where(eq(user.id, session.user.id));
  if (!person || person.disabled) return undefined;
  const { id, name, email, role } = person;
  return { id, name, email, role, sessionId: session.session.id };
}

const SAFE_METHODS = ['GET', 'HEAD'];

/**
 * Who sends a request: the bearer of a token, or the person of a session. A session counts for a change only
 * when the request comes from the console's own pages. Throws TokenInvalid, TokenExpired, TokenRevoked, CrossSite.
 */
export async function actorOfRequest(
  context: ServerContext,
  request: Request,
  now: Date,
): Promise<Actor | undefined> {
  const authorization = request.headers.get('authorization');
  if (authorization) {
    const token = /^Bearer (\S{1,200})$/i.exec(authorization)?.[1];
    if (!token) throw new WaybillError('TokenInvalid');
    return actorOfToken(context.db, token, now);
  }
  const person = await personOfSession(context, request.headers);
  if (!person) return undefined;
  if (!SAFE_METHODS.includes(request.method)) requireOwnPage(context, request);
  const { id, role, sessionId } = person;
  return { id: `person:${id}`, role, channel: 'browser', ...(sessionId && { sessionId }) };
}

function requireOwnPage({ config }: ServerContext, request: Request): void {
  const origin = request.headers.get('origin');
  const own = [config.publicUrl, ...ownOrigins(request)];
  if (!origin || !own.includes(origin)) throw new WaybillError('CrossSite');
}
