import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { handle } from '../../app/api/v1/handle.ts';
import { HANDLERS } from '../../app/api/v1/handlers/all-handlers.ts';
import { type Client, createClient } from '../api/client.ts';
import { ROUTES } from '../api/contract.ts';
import type { RouteName } from '../api/wire.ts';
import { TB } from '../domain/sizes.ts';
import type { PersonRole } from '../domain/words.ts';
import { SYSTEM } from '../server/actors/actor.ts';
import { type CONSOLE_ENVIRONMENT, readConfig } from '../server/context/config.ts';
import type { ServerContext } from '../server/context/server-context.ts';
import { addPerson } from '../server/people/people.ts';
import { createToken } from '../server/people/tokens.ts';
import { openConsole } from '../server/startup/open-console.ts';
import { tempDir } from './temp.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const ORIGIN = 'http://127.0.0.1:3000';
export const PASSWORD = 'correct horse battery';

/** A console in a directory of its own, reached as programs and browsers reach it, without a network. */
export interface ConsoleWorld {
  console: ServerContext;
  send(request: Request): Promise<Response>;
  /** A client with a token of that role; people are made when first asked for. */
  as(role: PersonRole | 'station'): Promise<Client>;
  /** A client of a signed-in browser page. */
  browser(role: PersonRole): Promise<Client>;
  token(role: PersonRole | 'station'): Promise<string>;
}

/** Settings of a console, beside those that tests give it. */
export type Environment = Partial<Record<keyof typeof CONSOLE_ENVIRONMENT, string>>;

export async function consoleWorld(settings: Environment = {}): Promise<ConsoleWorld> {
  const dataDir = join(tempDir(), 'data');
  const env = { WAYBILL_DATA: dataDir, WAYBILL_LOG: 'silent', WAYBILL_SIGN_INS_PER_MINUTE: '1000' };
  const console = await openConsole(readConfig({ ...env, ...settings }, ROOT));
  onTestFinished(() => console.close());
  const send = (request: Request) => handle(console, HANDLERS, request);
  const people = new Map<PersonRole, Promise<unknown>>();
  const person = (role: PersonRole) => {
    const made = people.get(role) ?? addRole(console, role);
    people.set(role, made);
    return made;
  };
  const token = async (role: PersonRole | 'station') => {
    const now = new Date();
    if (role === 'station') {
      const station = { kind: 'station', name: 'S', subject: 'S', role } as const;
      return (await createToken(console.db, SYSTEM, station, now)).token;
    }
    await person(role);
    const subject = emailOf(role);
    const actor = { id: `person:${subject}`, role, channel: 'token' } as const;
    const mine = { kind: 'person', name: 'test', subject, role } as const;
    return (await createToken(console.db, actor, mine, now)).token;
  };
  const clientOf = (headers: Record<string, string>): Client =>
    createClient({
      baseUrl: ORIGIN,
      fetch: async (url, init) => {
        const request = new Request(String(url), init);
        for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
        return checkedAnswer(request, await send(request));
      },
    });
  return {
    console,
    send,
    token,
    as: async (role) => clientOf({ authorization: `Bearer ${await token(role)}` }),
    browser: async (role) => {
      await person(role);
      return clientOf({ cookie: await signIn(console, emailOf(role)), origin: ORIGIN });
    },
  };
}

export const emailOf = (role: PersonRole): string => `${role}@example.org`;

function addRole(console: ServerContext, role: PersonRole) {
  const row = { name: role, email: emailOf(role), role, password: PASSWORD };
  return addPerson(console.db, SYSTEM, row, new Date());
}

/** Signs in as a browser does; returns its cookie. */
export async function signIn(
  console: ServerContext,
  email: string,
  password = PASSWORD,
): Promise<string> {
  const response = await console.auth.handler(
    new Request(`${ORIGIN}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: ORIGIN },
      body: JSON.stringify({ email, password }),
    }),
  );
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

/** Every JSON answer in tests is compared with the contract. */
async function checkedAnswer(request: Request, response: Response): Promise<Response> {
  const path = new URL(request.url).pathname.replace('/api/v1', '');
  const name = (Object.keys(ROUTES) as RouteName[]).find((candidate) => {
    const { method, path: template } = ROUTES[candidate];
    const pattern = new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`);
    return method === request.method && pattern.test(path);
  });
  const answer = name && ROUTES[name].answer;
  if (response.ok && answer && 'parse' in answer) answer.parse(await response.clone().json());
  return response;
}

export const newJobBody = (changes: Record<string, unknown> = {}) => ({
  name: 'A job',
  option: 'snowball' as const,
  type: 'import' as const,
  sizeBytes: 50 * TB,
  encrypted: true,
  storeId: 'embedded',
  bucket: 'default',
  prefix: '',
  ...changes,
});
