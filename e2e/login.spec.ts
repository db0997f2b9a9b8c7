import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { AGENT } from '../lib/launch/console/console-process.ts';
import { expect, test } from './world.ts';

test('the agent logs in by a code that is approved in the browser', async ({
  signedIn: page,
  world,
}) => {
  const { PATH, HOME } = process.env;
  const env = {
    PATH,
    HOME,
    NODE_ENV: 'production',
    WAYBILL_CONFIG: join(world.dir, 'config'),
  } as const;
  const login = spawn(process.execPath, [AGENT, 'login', '--console', world.console.url], { env });
  let said = '';
  login.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const ended = new Promise((resolve) => login.once('exit', resolve));
  await expect.poll(() => /http\S+user_code=\S+/.exec(said)?.[0] ?? '').not.toBe('');
  await page.goto(/http\S+user_code=\S+/.exec(said)?.[0] ?? '');
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(page.getByText('The program is signed in.')).toBeVisible();
  expect(await ended).toBe(0);
  const who = spawn(process.execPath, [AGENT, 'whoami', '--json'], { env });
  let answer = '';
  who.stdout.on('data', (chunk) => {
    answer += String(chunk);
  });
  await new Promise((resolve) => who.once('exit', resolve));
  expect(JSON.parse(answer)).toMatchObject({ email: 'ada@example.org', role: 'admin' });
});
