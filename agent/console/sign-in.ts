import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { WaybillError } from '../../lib/domain/errors.ts';
import { readGiven } from '../host/read-input-file.ts';

/** Where a console is and what lets this host in. */
export interface SignIn {
  url: string;
  token: string;
}

/** Options of every command that talks to the console. */
export interface ConsoleOptions {
  console?: string;
  tokenFile?: string;
}

interface Kept {
  format: 'waybill-credentials/1';
  /** Address of the console that was signed in to last. */
  current: string | null;
  consoles: Record<string, { token: string }>;
}

const TOKEN_BYTES_MAX = 4096;
const EMPTY: Kept = { format: 'waybill-credentials/1', current: null, consoles: {} };

/** Where this person's sign-ins are kept. */
export const configFolder = (): string =>
  process.env.WAYBILL_CONFIG || join(homedir(), '.config/waybill');
export const credentialsPath = (): string => join(configFolder(), 'credentials.json');

/**
 * The console and token to use: what the command line and the environment say, else the last `waybill login`.
 * Throws Usage when no console is known, NotSignedIn when there is no token for it.
 */
export function signedIn(options: ConsoleOptions): SignIn {
  const kept = readKept();
  const given = options.console ?? process.env.WAYBILL_CONSOLE;
  const url = given ? consoleUrl(given) : kept.current;
  if (!url) {
    throw new WaybillError('Usage', {
      detail: 'which console? give it with --console URL or WAYBILL_CONSOLE, or run: waybill login',
    });
  }
  const token = readToken(options) ?? kept.consoles[url]?.token;
  if (!token) throw new WaybillError('NotSignedIn');
  return { url, token };
}

/** The token from --token-file or the environment. Throws Usage when the file cannot be read. */
export function readToken(options: ConsoleOptions): string | undefined {
  if (!options.tokenFile) return process.env.WAYBILL_TOKEN || undefined;
  return readGiven(options.tokenFile, { bytesMax: TOKEN_BYTES_MAX }).toString('utf8').trim();
}

/** An address in its one spelling: origin and path, no slash at the end. Throws Usage. */
export function consoleUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password) {
    throw new WaybillError('Usage', {
      detail: 'the console is an address such as https://waybill.example',
    });
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** Whether a token would cross a network in clear text. */
export function isClearText(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Keeps a token for its owner alone (mode 0600). */
export function keepToken({ url, token }: SignIn): void {
  const kept = readKept();
  write({ ...kept, current: url, consoles: { ...kept.consoles, [url]: { token } } });
}

/** Forgets the token of a console. Returns whether there was one. */
export function forgetToken(url: string): boolean {
  const kept = readKept();
  const { [url]: gone, ...consoles } = kept.consoles;
  write({ ...kept, current: kept.current === url ? null : kept.current, consoles });
  return gone !== undefined;
}

function readKept(): Kept {
  let text: string;
  try {
    text = readFileSync(credentialsPath(), 'utf8');
  } catch {
    return EMPTY;
  }
  try {
    const kept = JSON.parse(text) as Partial<Kept>;
    return { ...EMPTY, ...kept };
  } catch {
    throw new WaybillError('Usage', {
      detail: `${credentialsPath()} is not valid; remove it and run: waybill login`,
    });
  }
}

function write(kept: Kept): void {
  mkdirSync(configFolder(), { recursive: true, mode: 0o700 });
  const path = credentialsPath();
  writeFileSync(`${path}.tmp`, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  // The mode above counts only for a file that was not there.
  chmodSync(`${path}.tmp`, 0o600);
  renameSync(`${path}.tmp`, path);
}
