import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { createServer, request as requestTo } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Client } from '../../lib/api/client.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { newJobBody } from '../../lib/testing/console-world.ts';
import {
  device,
  type Facility,
  facility,
  importOnItsWay,
} from '../../lib/testing/facility-world.ts';
import { listening } from '../../lib/testing/listening.ts';
import { strictS3 } from '../../lib/testing/servers/strict-s3.ts';
import { makeTree, snapshot } from '../../lib/testing/trees.ts';
import { watch } from './watch.ts';

/** Imports whose devices came back, each with its objects under its own name. */
async function arrived(
  at: Facility,
  names: readonly string[],
  changes: (name: string) => Record<string, unknown> = () => ({}),
): Promise<Map<string, string>> {
  makeTree(at.source, { seed: 31, files: 6, bytesMax: 3000 });
  const jobs = new Map<string, string>();
  for (const name of names) {
    const body = newJobBody({ name, prefix: `${name}/`, ...changes(name) });
    const { jobId } = await importOnItsWay(at, {
      body,
      id: name,
      fill: () => undefined,
    });
    jobs.set(name, jobId);
  }
  return jobs;
}

/** A client that is asked before each call. */
const asking = (
  client: Client,
  before: (route: string, options: { params?: { jobId?: string }; body?: unknown }) => unknown,
): Client => ({
  ...client,
  call: (async (...args: Parameters<Client['call']>) => {
    await before(args[0], (args[1] ?? {}) as Parameters<typeof before>[1]);
    return client.call(...args);
  }) as Client['call'],
});

/** A store on loopback that refuses each PUT of an object of SB-0 for as long as it does. */
async function refusingStore(at: Facility, status: 403 | 503) {
  const { place, objects } = await strictS3();
  const state = { refuses: true, refused: 0, objects };
  const server = createServer((request, response) => {
    const isObject = request.method === 'PUT' && request.url?.includes('/SB-0/');
    if (state.refuses && isObject) {
      state.refused += 1;
      request.resume();
      const code = status === 503 ? 'ServiceUnavailable' : 'AccessDenied';
      const body = `<Error><Code>${code}</Code><Message>no</Message></Error>`;
      response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
      return;
    }
    const { method, headers } = request;
    const onward = requestTo(new URL(request.url ?? '/', place.endpoint), { method, headers });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  const { credentials, ...remote } = place;
  const endpoint = await listening(server);
  const id = 'refusing';
  const store = { id, name: id, kind: 's3' as const, remote: { ...remote, endpoint }, credentials };
  await at.operator.call('addStore', { body: store });
  return state;
}

const beginPreparing = (at: Facility, jobId: string) =>
  at.operator.call('actOnJob', { params: { jobId }, body: { action: 'prepare' } });

describe('devices of a dock', () => {
  test('take no turn while their store refuses, and go on when it does no longer', async () => {
    const at = await facility();
    const store = await refusingStore(at, 503);
    const jobs = await arrived(at, ['SB-0', 'SB-1', 'SB-2'], (name) =>
      name === 'SB-0' ? { storeId: 'refusing', bucket: 'bucket' } : {},
    );
    const stopping = new AbortController();
    const done = new Set<string>();
    const notes: string[] = [];
    const note = (text: string) => {
      notes.push(text);
      if (/^SB-[12]: no job needs it now$/.test(text)) done.add(text);
      if (done.size === 2) stopping.abort();
    };
    const station = { ...at.station, output: { ...at.station.output, note } };
    const watching = watch({ ...station, signal: stopping.signal }, at.dock, {
      once: false,
      devices: 1,
    });
    await expect(watching).rejects.toMatchObject({ name: 'AbortError' });
    const refused = { params: { jobId: jobs.get('SB-0') ?? '' } };
    expect(await at.operator.call('getJob', refused)).toMatchObject({
      state: 'importing',
      reported: false,
      erased: false,
    });
    expect(store.refused).toBeGreaterThan(0);
    expect(existsSync(join(at.dock, 'SB-0/waybill/seal.cms'))).toBe(true);
    store.refuses = false;
    await watch(at.station, at.dock, { once: true });
    expect(await at.operator.call('getJob', refused)).toMatchObject({
      state: 'completed',
      outcome: 'succeeded',
      erased: true,
    });
    const landed = [...store.objects.keys()].filter((key) => key.startsWith('SB-0/'));
    expect(landed).toHaveLength(snapshot(at.source).size);
  });

  test('that wait without an end do not keep a watch that is to end by itself', async () => {
    const at = await facility();
    await refusingStore(at, 403);
    const jobs = await arrived(at, ['SB-0', 'SB-1'], (name) =>
      name === 'SB-0' ? { storeId: 'refusing', bucket: 'bucket' } : {},
    );
    const wait = async () => undefined;
    await watch({ ...at.station, wait }, at.dock, { once: true, devices: 1 });
    const of = async (name: string) =>
      at.operator.call('getJob', { params: { jobId: jobs.get(name) ?? '' } });
    expect(await of('SB-1')).toMatchObject({ state: 'completed', erased: true });
    const refused = await of('SB-0');
    expect(refused).toMatchObject({ state: 'importing', erased: false, lease: null });
    expect(refused.incidents.map(({ kind }) => kind)).toContain('store-refuses');
    expect(existsSync(join(at.dock, 'SB-0/waybill/seal.cms'))).toBe(true);
  });

  test('end with the watch when the dock is taken away, also those that wait', async () => {
    const at = await facility();
    await refusingStore(at, 403);
    const remote = () => ({ storeId: 'refusing', bucket: 'bucket' });
    const jobs = await arrived(at, ['SB-0'], remote);
    const wait = async (_ms: number, signal: AbortSignal) => {
      renameSync(at.dock, `${at.dock}-taken`);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    };
    await expect(watch({ ...at.station, wait }, at.dock, { once: false })).rejects.toMatchObject({
      code: 'DeviceNotFound',
    });
    const [jobId = ''] = jobs.values();
    const job = await at.operator.call('getJob', { params: { jobId } });
    expect(job).toMatchObject({ state: 'importing', erased: false, lease: null });
  });

  test('are worked on side by side: two imports that wait for each other both end', async () => {
    const at = await facility();
    const jobs = await arrived(at, ['SB-1', 'SB-2']);
    const begun = new Set<string | undefined>();
    let meet: () => void = () => undefined;
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const client = asking(at.station.client, async (route, { params, body }) => {
      if (route !== 'claimWork' || (body as { work: string }).work !== 'import') return;
      begun.add(params?.jobId);
      if (begun.size === 2) meet();
      await met;
    });
    await watch({ ...at.station, client }, at.dock, { once: true, devices: 2 });
    for (const [name, jobId] of jobs) {
      const job = await at.operator.call('getJob', { params: { jobId } });
      expect(job).toMatchObject({ state: 'completed', outcome: 'succeeded', erased: true });
      expect(snapshot(join(at.bucketDir, name))).toEqual(snapshot(at.source));
    }
  });

  test('that are empty get a job each, also where two watches look at once', async () => {
    const at = await facility();
    const { as } = at.world;
    const other = { ...at.station, client: await as('station'), state: join(at.dir, 'other') };
    for (const name of ['SB-1', 'SB-2']) device(at, name);
    const jobIds: string[] = [];
    for (const name of ['first', 'second']) {
      const { id } = await at.operator.call('createJob', { body: newJobBody({ name }) });
      await beginPreparing(at, id);
      jobIds.push(id);
    }
    await Promise.all([at.station, other].map((one) => watch(one, at.dock, { once: true })));
    const jobs = await Promise.all(
      jobIds.map((jobId) => at.operator.call('getJob', { params: { jobId } })),
    );
    expect(jobs.map(({ state }) => state)).toEqual(['ready-to-ship', 'ready-to-ship']);
    expect(jobs.map(({ deviceId }) => deviceId).sort()).toEqual(['SB-1', 'SB-2']);
  });

  test('of which another station has the job of one are looked at again', async () => {
    const at = await facility();
    device(at, 'SB-1');
    const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
    await beginPreparing(at, jobId);
    let lost = 0;
    const client = asking(at.station.client, (route) => {
      if (route !== 'claimWork' || lost === 2) return;
      lost += 1;
      const facts = { jobId, work: 'prepare', holder: 'station:other', until: 'soon' };
      throw new WaybillError('AlreadyClaimed', facts);
    });
    await watch({ ...at.station, client }, at.dock, { once: true });
    const job = await at.operator.call('getJob', { params: { jobId } });
    expect([lost, job.state, job.deviceId]).toEqual([2, 'ready-to-ship', 'SB-1']);
  });

  test('are never more at once than there are turns', async () => {
    const at = await facility();
    await arrived(at, ['SB-1', 'SB-2', 'SB-3']);
    const held = new Set<string | undefined>();
    let most = 0;
    const client = asking(at.station.client, (route, { params }) => {
      if (route === 'claimWork') held.add(params?.jobId);
      if (route === 'releaseLease') held.delete(params?.jobId);
      most = Math.max(most, held.size);
    });
    await watch({ ...at.station, client }, at.dock, { once: true, devices: 1 });
    expect(most).toBe(1);
    expect(existsSync(join(at.bucketDir, 'SB-3'))).toBe(true);
  });

  test('of which one fails go on without it', async () => {
    const at = await facility();
    const jobs = await arrived(at, ['SB-1', 'SB-2']);
    const client = asking(at.station.client, (route, { params }) => {
      if (route === 'stationCredentials' && params?.jobId === jobs.get('SB-1'))
        throw new WaybillError('Internal', { reference: 'test' });
    });
    await watch({ ...at.station, client }, at.dock, { once: true, devices: 1 });
    const states = await Promise.all(
      [...jobs.values()].map(
        async (jobId) => (await at.operator.call('getJob', { params: { jobId } })).state,
      ),
    );
    expect(states).toEqual(['in-transit-to-facility', 'completed']);
  });

  test('are waited for together when the station is stopped', async () => {
    const at = await facility();
    const jobs = await arrived(at, ['SB-1', 'SB-2']);
    const stopping = new AbortController();
    const begun = new Set<string | undefined>();
    const client = asking(at.station.client, (route, { params, body }) => {
      if (route !== 'claimWork' || (body as { work: string }).work !== 'import') return;
      begun.add(params?.jobId);
      if (begun.size === 2) stopping.abort();
    });
    const { signal } = stopping;
    const options = { once: false, devices: 2 };
    await expect(watch({ ...at.station, client, signal }, at.dock, options)).rejects.toMatchObject({
      name: 'AbortError',
    });
    // Nobody works any more: another station can go on at once.
    await watch(at.station, at.dock, { once: true });
    for (const [name, jobId] of jobs) {
      expect(await at.operator.call('getJob', { params: { jobId } })).toMatchObject({
        state: 'completed',
        lease: null,
      });
      expect(readdirSync(join(at.dock, name))).toEqual([]);
    }
  });

  test('are left alone while the console does not answer, which is said once', async () => {
    const at = await facility();
    const jobs = await arrived(at, ['SB-1', 'SB-2']);
    const stopping = new AbortController();
    const notes: string[] = [];
    let isDown = true;
    const client = asking(at.station.client, () => {
      if (isDown) throw new WaybillError('ConsoleUnreachable', { url: 'u', detail: 'd' });
    });
    const output = {
      ...at.station.output,
      note: (text: string) => {
        notes.push(text);
        // It is back when it has been heard of a first time.
        isDown = false;
        if (notes.filter((note) => note.endsWith('no job needs it now')).length === 2)
          stopping.abort();
      },
    };
    await watch({ ...at.station, client, output, signal: stopping.signal }, at.dock, {
      once: false,
    });
    expect(notes.filter((note) => !/^SB-/.test(note))).toHaveLength(1);
    for (const jobId of jobs.values())
      expect((await at.operator.call('getJob', { params: { jobId } })).erased).toBe(true);
  });

  test('may lie in a dock beside any number of things', async () => {
    const at = await facility();
    const [jobId] = (await arrived(at, ['SB-1'])).values();
    for (let n = 0; n < 1100; n += 1) mkdirSync(join(at.dock, `Z-${n}`));
    const notes: string[] = [];
    const output = { ...at.station.output, note: (text: string) => notes.push(text) };
    await watch({ ...at.station, output }, at.dock, { once: true });
    expect(notes.some((note) => note.includes('not all of it is looked at'))).toBe(true);
    expect(jobId).toBeDefined();
    // It asks the console about a thousand folders, which takes long on a busy host.
  }, 300_000);
});
