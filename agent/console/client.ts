import { type Client, createClient } from '../../lib/api/client.ts';
import type { Output } from '../output/output.ts';
import { type ConsoleOptions, isClearText, type SignIn, signedIn } from './sign-in.ts';

/** The console that the options, the environment or the last login name, and a client of it. */
export interface SignedInConsole extends SignIn {
  client: Client;
}

/** A typed client of the console. Throws Usage when no console is known, NotSignedIn without a token. */
export function consoleClient(options: ConsoleOptions): SignedInConsole {
  const { url, token } = signedIn(options);
  return { url, token, client: createClient({ baseUrl: url, token }) };
}

/** Says so when the token will cross a network that others can listen to. */
export function warnOfClearText(url: string, output: Output): void {
  if (isClearText(url)) {
    output.note(`warning: ${url} is not encrypted; others on the network can read the token`);
  }
}
