import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TB } from '../../../lib/domain/sizes.ts';
import {
  consoleWorld,
  emailOf,
  newJobBody,
  ORIGIN,
  PASSWORD,
} from '../../../lib/testing/console-world.ts';
import { type TransferEvent, withProgress } from '../../../lib/transfer/progress/progress.ts';
import { Control } from '../../../lib/transfer/threads/control.ts';

const url = (path: string) => `${ORIGIN}/api/v1${path}`;

async function refusal(response: Response) {
  const { error } = (await response.json()) as { error: { code: string; next: string } };
  return { status: response.status, ...error };
}

describe('a request that is wrong', () => {
  test('is refused with what to do next', async () => {
    const { send, token } = await consoleWorld();
    const headers = { authorization: `Bearer ${await token('operator')}` };
    const post = (body: BodyInit, path = '/jobs') =>
      send(new Request(url(path), { method: 'POST', headers, body }));
    expect(await refusal(await post('{"name": '))).toMatchObject({
      status: 400,
      code: 'MalformedJson',
    });
    expect(await refusal(await post(new Uint8Array([0xff])))).toMatchObject({
      code: 'MalformedJson',
    });
    expect(await refusal(await post('[]'))).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(await refusal(await post(`"${'x'.repeat(530_000)}"`))).toMatchObject({
      status: 413,
      code: 'BodyTooLarge',
    });
    const missing = await refusal(await post('{"name":"a"}'));
    expect(missing).toMatchObject({ code: 'BadRequest' });
    expect(missing.next).not.toBe('');
    const prefix = JSON.stringify(newJobBody({ prefix: '../up' }));
    expect(await refusal(await post(prefix))).toMatchObject({ code: 'BadRequest' });
  });

  test('to nowhere says so, and by a wrong method which are right', async () => {
    const { send } = await consoleWorld();
    const ask = async (path: string, method = 'GET') =>
      refusal(await send(new Request(url(path), { method })));
    expect(await ask('/nothing')).toMatchObject({ status: 404, code: 'RouteUnknown' });
    expect(await ask('/jobs/a/b/c')).toMatchObject({ code: 'RouteUnknown' });
    expect(await ask('/health', 'DELETE')).toMatchObject({
      status: 405,
      code: 'MethodNotAllowed',
      next: 'use one of: GET',
    });
    expect(await ask('/jobs/%E0%A4%A')).toMatchObject({ status: 400, code: 'BadRequest' });
  });

  test('that breaks a rule of its option is refused with the number that broke it', async () => {
    const { as } = await consoleWorld();
    const operator = await as('operator');
    const create = (changes: Record<string, unknown>) =>
      operator.call('createJob', { body: newJobBody(changes) });
    await expect(create({ sizeBytes: 240 * TB })).rejects.toMatchObject({
      code: 'SizeOverLimit',
      next: expect.stringContaining('waybill job plan'),
    });
    await expect(create({ sizeBytes: 60 * TB })).rejects.toMatchObject({ code: 'OptionRule' });
    await expect(create({ encrypted: false })).rejects.toMatchObject({
      code: 'EncryptionEnforced',
    });
    await expect(create({ storeId: 'nowhere' })).rejects.toMatchObject({ code: 'NotFound' });
    await expect(create({ rangeBegin: 'a' })).rejects.toMatchObject({ code: 'OptionRule' });
    const disk = { option: 'disk', sizeBytes: 17 * TB };
    await expect(create(disk)).rejects.toMatchObject({ code: 'SizeOverLimit' });
  });
});

describe('a disk job', () => {
  test('is managed with a token and not from a browser session', async () => {
    const { as, browser } = await consoleWorld();
    const body = newJobBody({ option: 'disk', sizeBytes: 8 * TB });
    const page = await browser('admin');
    await expect(page.call('createJob', { body })).rejects.toMatchObject({
      code: 'NotManageableInConsole',
      next: expect.stringContaining('waybill job create'),
    });
    const job = await (await as('operator')).call('createJob', { body });
    const params = { jobId: job.id };
    const refused = { code: 'NotManageableInConsole', http: 409 };
    const tries = [
      () => page.call('changeJob', { params, body: { name: 'x' } }),
      () => page.call('actOnJob', { params, body: { action: 'cancel' } }),
      () => page.call('getManifest', { params }),
      () => page.call('revealUnlockCode', { params }),
      () => page.call('reportIncident', { params, body: { kind: 'lost' } }),
    ];
    for (const one of tries) await expect(one()).rejects.toMatchObject(refused);
    const seen = await page.call('getJob', { params });
    expect(seen).toMatchObject({ manageable: false, name: 'A job' });
    const operator = await as('operator');
    await operator.call('changeJob', { params, body: { name: 'Renamed' } });
    await operator.call('actOnJob', { params, body: { action: 'cancel' } });
    expect(await page.call('getJob', { params })).toMatchObject({
      name: 'Renamed',
      state: 'cancelled',
    });
  });
});

describe('a job', () => {
  test('is changed only while it is created', async () => {
    const { as } = await consoleWorld();
    const operator = await as('operator');
    const { id: jobId } = await operator.call('createJob', { body: newJobBody() });
    const params = { jobId };
    await operator.call('changeJob', { params, body: { sizeBytes: 80 * TB } });
    await expect(
      operator.call('changeJob', { params, body: { sizeBytes: 81 * TB } }),
    ).rejects.toMatchObject({ code: 'SizeOverLimit' });
    await (await as('facility')).call('actOnJob', { params, body: { action: 'prepare' } });
    await expect(operator.call('changeJob', { params, body: { name: 'x' } })).rejects.toMatchObject(
      {
        code: 'JobNotChangeable',
      },
    );
  });

  test('gives no credentials and no return label before their time', async () => {
    const { as } = await consoleWorld();
    const operator = await as('operator');
    const { id: jobId } = await operator.call('createJob', { body: newJobBody() });
    const params = { jobId };
    await expect(operator.call('getManifest', { params })).rejects.toMatchObject({
      code: 'CredentialsNotAvailable',
    });
    await expect(operator.call('returnLabel', { params })).rejects.toMatchObject({
      code: 'LabelNotReleased',
    });
    const station = await as('station');
    await expect(station.call('stationCredentials', { params })).rejects.toMatchObject({
      code: 'InvalidJobState',
    });
  });

  test('takes a device that is free and large enough, and no other', async () => {
    const { as } = await consoleWorld();
    const [operator, facility] = [await as('operator'), await as('facility')];
    const make = async () => (await operator.call('createJob', { body: newJobBody() })).id;
    const [one, two] = [await make(), await make()];
    await facility.call('addDevice', { body: { id: 'SMALL', capacityBytes: TB } });
    await facility.call('addDevice', { body: { id: 'SB-1', capacityBytes: 80 * TB } });
    const give = (jobId: string, deviceId: string) =>
      facility.call('putDevice', { params: { jobId }, body: { deviceId } });
    await expect(give(one, 'SMALL')).rejects.toMatchObject({ code: 'DeviceTooSmall' });
    await expect(give(one, 'NONE')).rejects.toMatchObject({ code: 'NotFound' });
    await give(one, 'SB-1');
    await expect(give(two, 'SB-1')).rejects.toMatchObject({ code: 'DeviceNotAvailable' });
    await expect(give(one, 'SMALL')).rejects.toMatchObject({ code: 'WrongDevice' });
  });
});

describe('the installation', () => {
  test('is set up once, with the link of its first start', async () => {
    const { console, send } = await consoleWorld();
    const link = readFileSync(console.paths.setupLink, 'utf8').trim();
    const setUp = (token: string) => {
      const person = { name: 'A', email: 'a@example.org', password: PASSWORD };
      const body = JSON.stringify({ token, ...person });
      return send(new Request(url('/setup'), { method: 'POST', body }));
    };
    expect(await refusal(await setUp(`${'x'.repeat(40)}`))).toMatchObject({
      status: 403,
      code: 'SetupTokenInvalid',
    });
    const token = link.split('#')[1] ?? '';
    expect((await setUp(token)).ok).toBe(true);
    expect(await refusal(await setUp(token))).toMatchObject({ status: 409, code: 'SetupDone' });
    expect(existsSync(console.paths.setupLink)).toBe(false);
  });

  test('keeps its last administrator', async () => {
    const { as } = await consoleWorld();
    const admin = await as('admin');
    const change = (body: { disabled?: boolean; role?: 'viewer' }) =>
      admin.call('changePerson', { params: { personId: emailOf('admin') }, body });
    await expect(change({ disabled: true })).rejects.toMatchObject({ code: 'LastAdmin' });
    await expect(change({ role: 'viewer' })).rejects.toMatchObject({ code: 'LastAdmin' });
  });

  test('resolves no incident where there is none', async () => {
    const { as } = await consoleWorld();
    const { id: jobId } = await (await as('operator')).call('createJob', { body: newJobBody() });
    const resolving = (await as('facility')).call('resolveIncident', {
      params: { jobId },
      body: {},
    });
    await expect(resolving).rejects.toMatchObject({ code: 'NoAttention' });
  });
});

test('the live stream resumes after the last event that was seen', async () => {
  const { as, send, token } = await consoleWorld();
  const operator = await as('operator');
  const first = await operator.call('createJob', { body: newJobBody() });
  const abort = new AbortController();
  const headers = { authorization: `Bearer ${await token('viewer')}`, 'last-event-id': '0' };
  const response = await send(new Request(url('/events'), { headers, signal: abort.signal }));
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const until = async (part: string) => {
    while (!text.includes(part)) text += (await reader?.read())?.value ?? '';
  };
  await until(first.id);
  const second = await operator.call('createJob', { body: newJobBody() });
  await until(second.id);
  expect(text.indexOf(first.id)).toBeLessThan(text.indexOf(second.id));
  expect(text).toMatch(/^id: \d+$/m);
  abort.abort();
});

test('a password is not tried out quickly', async () => {
  const { console } = await consoleWorld();
  const { createAuth } = await import('../../../lib/server/auth/auth.ts');
  const options = { publicUrl: ORIGIN, secret: 'x'.repeat(40), signInsPerMinute: 3 };
  const auth = createAuth(console.db, options);
  const attempt = () =>
    auth.handler(
      new Request(`${ORIGIN}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          origin: ORIGIN,
          'x-forwarded-for': '192.0.2.1',
        },
        body: JSON.stringify({ email: 'a@example.org', password: 'guess' }),
      }),
    );
  const answers: number[] = [];
  for (let i = 0; i < 5; i += 1) answers.push((await attempt()).status);
  expect(answers).toEqual([401, 401, 401, 429, 429]);
});

test.each([
  ['a misspelt member', 'createJob', { body: { ...newJobBody(), rangeBegn: 'a' } }, 'rangeBegn'],
  [
    'a member of another request',
    'createJob',
    { body: { ...newJobBody(), dryRun: true } },
    'dryRun',
  ],
  ['a misspelt parameter', 'listJobs', { query: { limt: 5 } }, 'limt'],
  ['a parameter of a route without any', 'listStores', { query: { limit: 5 } }, 'limit'],
] as const)('%s is refused by its name, and nothing is made', async (_, route, request, name) => {
  const { as } = await consoleWorld();
  const operator = await as('operator');
  const call = operator.call as (route: string, request: object) => Promise<unknown>;
  await expect(call(route, request)).rejects.toMatchObject({
    code: 'BadRequest',
    message: expect.stringContaining(`${name}: not known here`),
  });
  expect(await operator.call('listJobs', {})).toMatchObject({ jobs: [] });
});

test('no job has a prefix that Waybill keeps for itself', async () => {
  const { as } = await consoleWorld();
  const operator = await as('operator');
  for (const prefix of ['.waybill-tmp/', '.waybill-tmp', '.waybill-store/a'])
    await expect(
      operator.call('createJob', { body: { ...newJobBody(), prefix } }),
    ).rejects.toMatchObject({ code: 'BadRequest' });
});

test('what programs of another version report is taken for what is known of it', async () => {
  const { as } = await consoleWorld();
  const operator = await as('operator');
  const { id: jobId } = await operator.call('createJob', {
    body: newJobBody({ option: 'disk', sizeBytes: 8 * TB }),
  });
  const ticks: TransferEvent[] = [];
  // As a transfer makes them: with members that no console asks for.
  await withProgress(
    { phase: 'copy', control: new Control(), totals: { objects: 1, bytes: 2 } },
    { onEvent: (one) => void ticks.push(one) },
    async () => undefined,
  );
  const event = ticks.find(({ kind }) => kind === 'progress');
  expect(Object.keys(event ?? {})).toContain('landed');
  const send = operator.call as (route: string, request: object) => Promise<unknown>;
  const at = new Date().toISOString();
  await send('sendEvent', { params: { jobId }, body: { id: randomUUID(), at, event, news: 1 } });
  const { progress } = await operator.call('getJob', { params: { jobId } });
  expect(progress).toMatchObject({ phase: 'copy', totalObjects: 1, totalBytes: 2 });
});
