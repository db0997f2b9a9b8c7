import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { listening } from '../../lib/testing/listening.ts';
import { jsonOutput } from '../output/json.ts';
import { deviceLogin } from './device-login.ts';

test.each([
  [['authorization_pending', 'slow_down', 'token'], 'session', [1000, 1000, 6000]],
  [['access_denied'], 'LoginRefused', [1000]],
  [['expired_token'], 'LoginRefused', [1000]],
])('a device login that is answered %j', async (answers, outcome, waits) => {
  const left = [...answers];
  const url = await answering((path) => {
    const code = { device_code: 'D', user_code: 'ABCD', expires_in: 60, interval: 1 };
    if (path.endsWith('/code')) return [200, { ...code, verification_uri: 'http://x.example/d' }];
    const error = left.shift();
    return error === 'token' ? [200, { access_token: 'session' }] : [400, { error }];
  });
  const waited: number[] = [];
  const notes: string[] = [];
  const output = { ...jsonOutput(() => undefined), note: (line: string) => notes.push(line) };
  const done = deviceLogin(url, { output, signal: new AbortController().signal }, async (ms) => {
    waited.push(ms);
  });
  expect(await done.catch((error) => error.code)).toBe(outcome);
  expect(waited).toEqual(waits);
  expect(notes.join()).toContain('ABCD');
});

/** A server that answers every request with a status and a JSON value. */
async function answering(answer: (path: string) => [number, unknown]): Promise<string> {
  const server = createServer((request, response) => {
    const [status, value] = answer(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  });
  return listening(server);
}
