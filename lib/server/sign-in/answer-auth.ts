import { count, gt } from 'drizzle-orm';
import { z } from 'zod';
import { parseRequest } from '../../api/parse-request.ts';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { hashToken } from '../../keys/secrets.ts';
import { DEVICE_TOKEN_PATH } from '../auth/auth.ts';
import type { ServerContext } from '../context/server-context.ts';
import type { ConsoleDatabase } from '../db/database.ts';
import { deviceCode } from '../db/schema/auth.ts';
import { addressOf, countAttempt } from '../limits/rate-limit.ts';
import { readJson } from '../limits/read-json.ts';

/**
 * The door before the sign-in library: what it is asked is limited in size, shape, pace and number here, and what it
 * answers carries no session token to a script. What is not in the table stays shut.
 */

const BODY_BYTES_MAX = 16 * 1024;
const WAITING_LOGINS_MAX = 1000;
const ADDRESSES_AN_ACCOUNT = 10;

const text = (max: number) => z.string().max(max);
const nothing = z.object({});
const userCode = z.object({ userCode: text(32) });

type Limit = 'address' | 'address and account';

interface AuthRoute {
  method: 'GET' | 'POST';
  body?: z.ZodType;
  limit?: Limit;
}

/** Paths of the library that the console answers. */
const AUTH_ROUTES: Record<string, AuthRoute> = {
  '/sign-in/email': {
    method: 'POST',
    body: z.object({ email: text(320), password: text(128) }),
    limit: 'address and account',
  },
  '/sign-out': { method: 'POST', body: nothing },
  '/get-session': { method: 'GET' },
  '/change-password': {
    method: 'POST',
    body: z
      .object({
        currentPassword: text(128),
        newPassword: text(128),
        revokeOtherSessions: z.boolean().optional(),
      })
      // Whoever changes a password may do so because somebody else has it.
      .transform((asked) => ({ ...asked, revokeOtherSessions: true })),
    limit: 'address',
  },
  '/device': { method: 'GET' },
  '/device/code': {
    method: 'POST',
    body: z.object({ client_id: text(100), scope: text(200).optional() }),
    limit: 'address',
  },
  [DEVICE_TOKEN_PATH]: {
    method: 'POST',
    body: z.object({ grant_type: text(100), device_code: text(200), client_id: text(100) }),
  },
  '/device/approve': { method: 'POST', body: userCode },
  '/device/deny': { method: 'POST', body: userCode },
};

/** Answers a request below /api/auth. Errors are answers of the library's own shape: `{ code, message }`. */
export async function answerAuth(
  context: ServerContext,
  request: Request,
  now: Date,
): Promise<Response> {
  const path = new URL(request.url).pathname.replace(/^\/api\/auth/, '');
  const route = Object.hasOwn(AUTH_ROUTES, path) ? AUTH_ROUTES[path] : undefined;
  if (!route) return new Response(null, { status: 404 });
  if (route.method !== request.method)
    return new Response(null, { status: 405, headers: { allow: route.method } });
  try {
    const body = await bodyOf(request, route);
    await checkLimits(context, request, { path, route, body }, now);
    const answer = await context.auth.handler(forLibrary(context, request, body));
    return path === DEVICE_TOKEN_PATH ? answer : await withoutToken(answer);
  } catch (error) {
    if (!isWaybillError(error)) throw error;
    const { code, message, next, http, facts } = error;
    const headers = new Headers();
    if (facts.seconds !== undefined) headers.set('retry-after', String(facts.seconds));
    return Response.json({ code, message: `${message}: ${next}` }, { status: http, headers });
  }
}

async function bodyOf(request: Request, { body: schema }: AuthRoute): Promise<unknown> {
  if (!schema) return undefined;
  const asked = await readJson(request, { bytesMax: BODY_BYTES_MAX });
  // A form of another site sends any type but this one without asking first (CORS).
  const isJson = /^application\/json\b/i.test(request.headers.get('content-type') ?? '');
  if (!isJson && JSON.stringify(asked) !== '{}')
    throw new WaybillError('BadRequest', { detail: 'content-type is application/json' });
  return parseRequest(schema, asked);
}

/** One account may be guessed at from many addresses, and one address may guess at many accounts. */
async function checkLimits(
  { db, config }: ServerContext,
  request: Request,
  { path, route, body }: { path: string; route: AuthRoute; body: unknown },
  now: Date,
): Promise<void> {
  if (!route.limit) return;
  const max = config.signInsPerMinute;
  const address = addressOf(request, config.proxies);
  await countAttempt(db, { what: path, address, max }, now);
  if (route.limit === 'address and account') {
    const account = hashToken((body as { email: string }).email.trim().toLowerCase());
    // More than one address may try: none shuts its owner out by itself.
    const most = max * ADDRESSES_AN_ACCOUNT;
    await countAttempt(db, { what: `${path} account`, address: account, max: most }, now);
  }
  if (path === '/device/code') await refuseTooMany(db, now);
}

async function refuseTooMany({ read }: ConsoleDatabase, now: Date): Promise<void> {
  const [waiting] = await read
    .select({ logins: count() })
    .from(deviceCode)
    .where(gt(deviceCode.expiresAt, now));
  if ((waiting?.logins ?? 0) >= WAITING_LOGINS_MAX)
    throw new WaybillError('TooManyRequests', { seconds: 60 });
}

/** The request as the library gets it: it takes the first address of the header, which may be made up. */
function forLibrary({ config }: ServerContext, request: Request, body: unknown): Request {
  const { method, url, signal } = request;
  const headers = new Headers(request.headers);
  headers.set('x-forwarded-for', addressOf(request, config.proxies));
  if (body === undefined) return new Request(url, { method, headers, signal });
  headers.delete('content-length');
  headers.set('content-type', 'application/json');
  return new Request(url, { method, headers, signal, body: JSON.stringify(body) });
}

/** The cookie carries the session, and no script may read it: so none finds it in an answer either. */
async function withoutToken(answer: Response): Promise<Response> {
  const isJson = answer.headers.get('content-type')?.includes('application/json') ?? false;
  if (!isJson) return answer;
  const { status, headers } = answer;
  const body: unknown = await answer.json();
  const kept = JSON.stringify(body, (name, value) => (name === 'token' ? undefined : value));
  headers.delete('content-length');
  return new Response(kept, { status, headers });
}
