import { hostname, userInfo } from 'node:os';
import { createClient } from '../../lib/api/client.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { consoleClient, warnOfClearText } from '../console/client.ts';
import { deviceLogin } from '../console/device-login.ts';
import {
  type ConsoleOptions,
  consoleUrl,
  credentialsPath,
  forgetToken,
  keepToken,
  readToken,
} from '../console/sign-in.ts';
import type { Context, Finished } from '../host/context.ts';
import { plain } from '../output/table.ts';

/** Signs in to a console, with a token that is given or a code that is confirmed in the browser. */
export async function login(options: ConsoleOptions, context: Context): Promise<Finished> {
  const { output } = context;
  const given = options.console ?? process.env.WAYBILL_CONSOLE;
  if (!given) throw new WaybillError('Usage', { detail: 'which console? give it with --console' });
  const url = consoleUrl(given);
  warnOfClearText(url, output);
  const token = readToken(options) ?? (await newToken(url, context));
  const me = await createClient({ baseUrl: url, token }).call('me');
  keepToken({ url, token });
  output.result({
    facts: { console: url, ...me },
    lines: [`signed in to ${url} as ${plain(me.name)} (${me.role}); kept in ${credentialsPath()}`],
  });
  return 0;
}

async function newToken(url: string, { output, signal }: Context): Promise<string> {
  const session = await deviceLogin(url, { output, signal });
  const name = `${userInfo().username}@${hostname()}`.slice(0, 100);
  const client = createClient({ baseUrl: url });
  const { token } = await client.call('exchangeLogin', { body: { session, name } });
  return token;
}

/** Revokes the token of this host and forgets it, even when the console does not answer. */
export async function logout(options: ConsoleOptions, { output }: Context): Promise<Finished> {
  const { url, client } = consoleClient(options);
  let revoked = true;
  try {
    await client.call('revokeToken', { params: { tokenId: 'current' } });
  } catch (error) {
    revoked = false;
    const reason = error instanceof Error ? error.message : String(error);
    output.note(`the token was not revoked: ${plain(reason)}`);
  }
  const forgotten = forgetToken(url);
  output.result({
    facts: { console: url, revoked, forgotten },
    lines: [`signed out of ${url}${revoked ? '' : ' on this host only'}`],
  });
  return 0;
}

/** Says who is signed in, and where. */
export async function whoami(options: ConsoleOptions, { output }: Context): Promise<Finished> {
  const { url, client } = consoleClient(options);
  const me = await client.call('me');
  const who = me.email ? `${me.name} <${me.email}>` : me.name;
  output.result({
    facts: { console: url, ...me },
    lines: [plain(`${who}, ${me.role}, at ${url}`)],
  });
  return 0;
}
