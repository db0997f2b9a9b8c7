import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '../../api/client.ts';
import { WaybillError } from '../../domain/errors.ts';
import type { ConsoleProcess } from '../console/console-process.ts';

const EMAIL = 'demo@example.org';

/** Who runs the demo: an administrator with a password for the pages and a token for programs. */
export interface DemoPerson {
  email: string;
  passwordFile: string;
  tokenFile: string;
  token: string;
}

/** Uses the set-up link as a person would, and makes an access token; a data directory used before has both. */
export async function signUp(context: ConsoleProcess, dataDir: string): Promise<DemoPerson> {
  const tokenFile = join(dataDir, 'demo.token');
  const passwordFile = join(dataDir, 'demo.password');
  if (!existsSync(tokenFile)) {
    const setupToken = context.setupLink?.split('#')[1];
    if (!setupToken) throw new WaybillError('SetupDone');
    const password = randomBytes(12).toString('base64url');
    const body = { token: setupToken, name: 'Demo', email: EMAIL, password };
    await createClient({ baseUrl: context.url }).call('setUp', { body });
    const { token } = await tokenFor(context.url, password);
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  }
  return { email: EMAIL, passwordFile, tokenFile, token: readFileSync(tokenFile, 'utf8').trim() };
}

/** Signs in as a browser does, and makes a token there. */
async function tokenFor(url: string, password: string): Promise<{ token: string }> {
  const signedIn = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email: EMAIL, password }),
  });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const page = createClient({
    baseUrl: url,
    fetch: (address, init) => {
      const headers = new Headers(init?.headers);
      headers.set('cookie', cookie);
      headers.set('origin', url);
      return fetch(address, { ...init, headers });
    },
  });
  return page.call('createToken', { body: { name: 'Demo' } });
}
