import { betterAuth } from 'better-auth';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { APIError } from 'better-auth/api';
import { deviceAuthorization } from 'better-auth/plugins';
import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/sqlite-proxy';
import type { ConsoleDatabase, Statement } from '../db/database.ts';
import * as schema from '../db/schema/auth.ts';
import { hashedSessions } from './hashed-sessions.ts';

/** The client id of the agent's device login. */
export const AGENT_CLIENT = 'waybill-agent';
const WEEK_SECONDS = 7 * 86_400;
/** Where a device login gets its session: the only kind that becomes an access token. */
export const DEVICE_TOKEN_PATH = '/device/token';

/**
 * Sessions of people: sign-in by address and password, and the agent's login by device code (RFC 8628).
 * People are made by administrators; nobody signs up.
 */
export function createAuth(
  db: ConsoleDatabase,
  options: { publicUrl: string; secret: string; signInsPerMinute: number },
) {
  const { publicUrl, secret, signInsPerMinute } = options;
  // Its statements go through the same queue as every other change.
  const connection = drizzle(async (sql, params, method) => {
    const result = await db.statement({ sql, params, method } as Statement);
    return { ...result, rows: result.rows as unknown[] };
  });
  return betterAuth({
    baseURL: publicUrl,
    basePath: '/api/auth',
    secret,
    database: hashedSessions(drizzleAdapter(connection, { provider: 'sqlite', schema })),
    trustedOrigins: (request) => (request ? [publicUrl, ...ownOrigins(request)] : [publicUrl]),
    telemetry: { enabled: false },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 12,
      maxPasswordLength: 128,
    },
    session: {
      expiresIn: WEEK_SECONDS,
      updateAge: 86_400,
      additionalFields: { deviceLogin: { type: 'boolean', input: false, required: false } },
    },
    databaseHooks: {
      session: {
        create: {
          before: async (made, endpoint) => {
            await refuseDisabled(db, made.userId);
            return { data: { ...made, deviceLogin: endpoint?.path === DEVICE_TOKEN_PATH } };
          },
        },
      },
    },
    user: {
      additionalFields: {
        role: { type: 'string', input: false },
        disabled: { type: 'boolean', input: false },
      },
    },
    rateLimit: {
      enabled: true,
      storage: 'database',
      window: 10,
      max: 200,
      customRules: {
        '/sign-in/email': { window: 60, max: signInsPerMinute },
        '/get-session': false,
      },
    },
    advanced: {
      cookiePrefix: 'waybill',
      useSecureCookies: publicUrl.startsWith('https:'),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' },
    },
    logger: { disabled: true },
    plugins: [
      deviceAuthorization({
        expiresIn: '15m',
        interval: '5s',
        verificationUri: `${publicUrl}/device`,
        validateClient: (id) => id === AGENT_CLIENT,
      }),
    ],
  });
}

/** Who may not sign in is told so, once their password was right. */
async function refuseDisabled({ read }: ConsoleDatabase, userId: string): Promise<void> {
  const [person] = await read
    .select({ disabled: schema.user.disabled })
    .from(schema.user)
    .where(eq(schema.user.id, userId));
  if (!person?.disabled) return;
  const message = 'You may not sign in any more. An administrator can allow it again.';
  throw new APIError('FORBIDDEN', { message });
}

export type Auth = ReturnType<typeof createAuth>;

/** The origins under which the request itself reached us: a console may have several names. */
export function ownOrigins(request: Request): string[] {
  const host = request.headers.get('host');
  return host ? [`http://${host}`, `https://${host}`] : [];
}
