import { z } from 'zod';
import { WaybillError } from '../../lib/domain/errors.ts';
import type { Context } from '../host/context.ts';
import { Interrupted, pause } from '../host/signals.ts';
import { plain } from '../output/table.ts';

const CLIENT_ID = 'waybill-agent';
const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const ANSWER_MS = 30_000;

const codeAnswer = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.url(),
  verification_uri_complete: z.url().optional(),
  expires_in: z.number().positive(),
  /** Seconds between two questions; 5 when the server names none (RFC 8628, 3.2). */
  interval: z.number().positive().default(5),
});
const tokenAnswer = z.object({ access_token: z.string() });
const refusal = z.object({ error: z.string() });

/** How the program waits; tests give their own. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

/**
 * Device login (RFC 8628): shows a link and a code, and asks until a person has confirmed it. Returns the session
 * of that person. Throws NotSignedIn, LoginRefused when the code was denied or ran out, ConsoleUnreachable, Interrupted.
 */
export async function deviceLogin(
  url: string,
  { output, signal }: Context,
  wait: Wait = pause,
): Promise<string> {
  const codes = await post(url, 'code', { client_id: CLIENT_ID }, signal);
  const code = codeAnswer.safeParse(codes.body);
  if (!code.success) throw unreachable(url, `it answers ${codes.status}`);
  const { device_code, user_code, verification_uri, verification_uri_complete } = code.data;
  output.note(`open ${plain(verification_uri_complete ?? verification_uri)}`);
  output.note(`and confirm the code ${plain(user_code)}`);
  const request = { grant_type: GRANT, device_code, client_id: CLIENT_ID };
  let seconds = code.data.interval;
  let left = code.data.expires_in;
  while (left > 0) {
    await wait(seconds * 1000, signal);
    if (signal.aborted) throw new Interrupted();
    left -= seconds;
    const { status, body } = await post(url, 'token', request, signal);
    const granted = tokenAnswer.safeParse(body);
    if (granted.success) return granted.data.access_token;
    const refused = refusal.safeParse(body);
    const reason = refused.success ? refused.data.error : `it answers ${status}`;
    if (reason === 'slow_down') seconds += 5;
    else if (reason === 'expired_token') break;
    else if (reason === 'access_denied') throw denied('the login was denied in the browser');
    else if (reason !== 'authorization_pending') throw unreachable(url, plain(reason));
  }
  throw denied('the code was not confirmed in time');
}

const denied = (detail: string) => new WaybillError('LoginRefused', { detail });
const unreachable = (url: string, detail: string) =>
  new WaybillError('ConsoleUnreachable', { url, detail });

async function post(
  url: string,
  name: 'code' | 'token',
  body: Record<string, string>,
  signal: AbortSignal,
): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(`${url}/api/auth/device/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    return { status: response.status, body: await response.json().catch(() => undefined) };
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    const reason = error instanceof Error ? error.message : 'no answer';
    throw new WaybillError('ConsoleUnreachable', { url, detail: reason }, { cause: error });
  }
}
