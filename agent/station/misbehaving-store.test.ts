import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import { newJobBody } from '../../lib/testing/console-world.ts';
import {
  device,
  type Facility,
  facility,
  importOnItsWay,
} from '../../lib/testing/facility-world.ts';
import {
  type FaultProxy,
  type FaultRule,
  faultProxy,
} from '../../lib/testing/servers/fault-proxy.ts';
import { strictS3 } from '../../lib/testing/servers/strict-s3.ts';
import { seededBytes } from '../../lib/testing/trees.ts';
import { exportTo } from './export.ts';
import { importFrom } from './import.ts';
import { prepare } from './prepare.ts';
import { receive } from './receive.ts';
import { watch } from './watch.ts';

/** A station whose store misbehaves: what becomes of job, incident and device. */

const NAMES = Array.from({ length: 41 }, (_, i) => `object-${i + 10}`);

interface Scene {
  at: Facility;
  jobId: string;
  deviceDir: string;
  proxy: FaultProxy;
  /** Keys below the prefix. */
  landed(): string[];
  job(): Promise<JobDetail>;
  /** What the station does instead of waiting. */
  onWait(work: () => unknown): void;
}

/** A device at the station with the usual objects, and others of so many bytes. */
async function scene(more: Record<string, number> = {}): Promise<Scene> {
  const at = await facility();
  const server = await strictS3();
  const proxy = await faultProxy(server.place.endpoint);
  onTestFinished(() => proxy.close());
  const { region, pathStyle, credentials } = server.place;
  const remote = { endpoint: proxy.endpoint, region, pathStyle };
  const store = { id: 'bulk', name: 'Bulk', kind: 's3' as const, remote, credentials };
  await at.operator.call('addStore', { body: store });
  const body = newJobBody({ storeId: 'bulk', bucket: 'bucket', prefix: 'in/' });
  const { jobId, deviceDir } = await importOnItsWay(at, {
    body,
    fill: () => {
      for (const name of NAMES) writeFileSync(join(at.source, name), `bytes of ${name}`);
      for (const [name, bytes] of Object.entries(more))
        writeFileSync(join(at.source, name), seededBytes(1, bytes));
    },
  });
  await receive(at.station, jobId, deviceDir);
  const job = () => at.operator.call('getJob', { params: { jobId } });
  let waiting: () => unknown = () => undefined;
  at.station.wait = async () => void (await waiting());
  return {
    at,
    jobId,
    deviceDir,
    proxy,
    landed: () =>
      [...server.objects.keys()]
        .flatMap((key) => (key.startsWith('in/') ? [key.slice(3)] : []))
        .sort(),
    job,
    onWait: (work) => {
      waiting = work;
    },
  };
}

const openKinds = ({ incidents }: JobDetail): string[] =>
  incidents.filter(({ resolvedAt }) => resolvedAt === null).map(({ kind }) => kind);

const refusing = (status: number, code: string, more: Partial<FaultRule> = {}): FaultRule => ({
  fault: { do: 'refuse', status, code },
  method: 'PUT',
  path: /^\/bucket\/in\//,
  ...more,
});

describe('a station whose store refuses everything', () => {
  test.each<[string, FaultRule, RegExp]>([
    [
      'a right is taken away after the probe',
      refusing(403, 'AccessDenied', { nth: 2 }),
      /right is missing.*write/,
    ],
    ['after some objects', refusing(403, 'AccessDenied', { nth: 20 }), /right is missing/],
    ['the quota is used up', refusing(403, 'QuotaExceeded', { nth: 2 }), /full/],
    [
      'the bucket is gone',
      refusing(404, 'NoSuchBucket', { method: /./, path: /^\/bucket/ }),
      /bucket bucket does not exist/,
    ],
    [
      'the key pair is disabled',
      refusing(403, 'InvalidAccessKeyId', { method: /./, path: /./ }),
      /key pair/,
    ],
  ])(
    'when %s: the job waits, the incident says for what, and it goes on by itself',
    async (_, rule, note) => {
      const { at, jobId, deviceDir, proxy, landed, job, onWait } = await scene();
      proxy.rules = [rule];
      const waits: string[][] = [];
      let notes: string[] = [];
      onWait(async () => {
        const now = await job();
        expect(now).toMatchObject({ state: 'importing', reported: false, erased: false });
        expect(existsSync(join(deviceDir, 'waybill/seal.bin'))).toBe(true);
        waits.push(openKinds(now));
        notes = now.incidents.map((incident) => incident.note);
        if (waits.length === 15) proxy.rules = [];
      });
      const { job: done, summary } = await importFrom(at.station, jobId, deviceDir);
      // More than its row of the table would have tried.
      expect(waits).toEqual(Array.from({ length: 15 }, () => ['store-refuses']));
      expect(notes).toHaveLength(1);
      expect(notes[0]).toMatch(note);
      expect(notes[0]).toMatch(/administrator|make room|create it|waybill store change-key/);
      expect(summary).toMatchObject({ objects: NAMES.length, failed: 0, outcome: 'succeeded' });
      expect(landed()).toEqual(NAMES);
      expect(done).toMatchObject({ state: 'completed', outcome: 'succeeded' });
      expect(openKinds(done)).toEqual([]);
    },
  );

  test('goes on after the station was killed, and closes the incident that another run has opened', async () => {
    const { at, jobId, deviceDir, proxy, job, onWait } = await scene();
    proxy.rules = [refusing(403, 'AccessDenied', { nth: 2 })];
    const stop = new AbortController();
    onWait(() => stop.abort());
    const first = importFrom({ ...at.station, signal: stop.signal }, jobId, deviceDir);
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    expect(openKinds(await job())).toEqual(['store-refuses']);
    proxy.rules = [];
    const { job: done } = await importFrom(at.station, jobId, deviceDir);
    expect(openKinds(done)).toEqual([]);
    expect(done.state).toBe('completed');
  });
});

test('a station whose store has room for small objects only keeps its one incident, and waits ever longer', async () => {
  const { at, jobId, deviceDir, proxy, landed, job } = await scene({ 'a-large': 50_000 });
  proxy.rules = [refusing(403, 'QuotaExceeded', { bodyBytes: 50_000 })];
  const waits: number[] = [];
  at.station.wait = async (ms) => {
    waits.push(ms);
    const { incidents, state } = await job();
    expect(state).toBe('importing');
    expect(incidents.map(({ kind, resolvedAt }) => [kind, resolvedAt])).toEqual([
      ['store-refuses', null],
    ]);
    if (waits.length === 7) proxy.rules = [];
  };
  const { job: done, summary } = await importFrom(at.station, jobId, deviceDir);
  expect(waits).toEqual([5000, 10_000, 20_000, 30_000, 60_000, 60_000, 60_000]);
  expect(summary).toMatchObject({ objects: NAMES.length + 1, failed: 0, outcome: 'succeeded' });
  expect(landed()).toEqual(['a-large', ...NAMES]);
  expect(openKinds(done)).toEqual([]);
});

describe('a station that is stopped while its store is silent', () => {
  test.each<[string, FaultRule]>([
    ['is writing', { fault: { do: 'silence' }, method: 'PUT', path: /\/in\/object-20(\?|$)/ }],
    ['is asked whether it can be used', { fault: { do: 'silence' }, path: /list-type=2/ }],
  ])('and %s, ends, and the job goes on later', async (_, rule) => {
    const { at, jobId, deviceDir, proxy, landed, job } = await scene();
    proxy.rules = [rule];
    const stop = new AbortController();
    const timer = setInterval(() => {
      if (proxy.seen.some(({ fault }) => fault === 'silence')) stop.abort();
    }, 20);
    const importing = importFrom({ ...at.station, signal: stop.signal }, jobId, deviceDir);
    await expect(importing).rejects.toMatchObject({ name: 'AbortError' });
    clearInterval(timer);
    expect(await job()).toMatchObject({ state: 'importing', incidents: [] });
    proxy.rules = [];
    const { summary } = await importFrom(at.station, jobId, deviceDir);
    expect(summary).toMatchObject({ objects: NAMES.length, failed: 0, outcome: 'succeeded' });
    expect(landed()).toEqual(NAMES);
  });
});

describe('the failed remainder', () => {
  test.each([
    ['on the same host', false],
    ['on a new host, by the report of the console', true],
  ])('is imported alone, %s', async (_, isNew) => {
    const { at, jobId, deviceDir, proxy, landed, job } = await scene();
    proxy.rules = [{ fault: { do: 'html', status: 200 }, path: /\/in\/object-1[12](\?|$)/ }];
    const first = await importFrom(at.station, jobId, deviceDir);
    expect(first.summary).toMatchObject({ objects: NAMES.length - 2, failed: 2 });
    expect(first.job).toMatchObject({ state: 'importing', erased: false });
    expect(landed()).toHaveLength(NAMES.length - 2);
    proxy.rules = [];
    if (isNew) {
      rmSync(at.station.state ?? '', { recursive: true });
      mkdirSync(at.station.state ?? '');
    }
    const before = proxy.seen.length;
    // The command line hands in all that was typed: --job is there, too.
    const asTyped = { onlyFailed: true, job: jobId, device: deviceDir };
    const { summary } = await importFrom(at.station, jobId, deviceDir, asTyped);
    expect(summary).toMatchObject({ objects: NAMES.length, failed: 0, outcome: 'succeeded' });
    expect(landed()).toEqual(NAMES);
    const keys = proxy.seen
      .slice(before)
      .flatMap(({ path }) => /\/in\/(object-\d+)/.exec(path)?.[1] ?? []);
    expect([...new Set(keys)].sort()).toEqual(['object-11', 'object-12']);
    const file = { params: { jobId, file: 'success.csv' } } as const;
    const lines = (await (await at.operator.call('getReport', file)).text()).trim().split('\r\n');
    expect(lines).toHaveLength(NAMES.length + 1);
    expect(lines.find((line) => line.startsWith('in/object-11,'))).toMatch(/,4$/);
    expect(lines.find((line) => line.startsWith('in/object-20,'))).toMatch(/,1$/);
    expect((await job()).evidence).toMatchObject({ failed: 0 });
  });
});

test('a watch that looks once ends when the store refuses, with the incident open and the device as it was', async () => {
  const { at, deviceDir, proxy, job, landed } = await scene();
  proxy.rules = [refusing(403, 'AccessDenied', { nth: 2 })];
  await watch(at.station, at.dock, { once: true });
  const now = await job();
  expect(now.state).toBe('importing');
  expect(openKinds(now)).toContain('store-refuses');
  expect(existsSync(join(deviceDir, 'waybill/seal.bin'))).toBe(true);
  expect(landed()).toEqual([]);
});

describe('an export from a store that misbehaves', () => {
  const reading = (fault: FaultRule['fault'], path: RegExp, more: Partial<FaultRule> = {}) => ({
    fault,
    method: 'GET',
    path,
    ...more,
  });

  async function exporting() {
    const at = await facility();
    const server = await strictS3();
    for (const name of NAMES) server.objects.set(`in/${name}`, Buffer.from(`bytes of ${name}`));
    const proxy = await faultProxy(server.place.endpoint);
    onTestFinished(() => proxy.close());
    const { region, pathStyle, credentials } = server.place;
    const remote = { endpoint: proxy.endpoint, region, pathStyle };
    const store = { id: 'bulk', name: 'Bulk', kind: 's3' as const, remote, credentials };
    await at.operator.call('addStore', { body: store });
    const body = newJobBody({ type: 'export', storeId: 'bulk', bucket: 'bucket', prefix: 'in/' });
    const { id: jobId } = await at.operator.call('createJob', { body });
    const deviceDir = device(at, 'SB-1');
    await prepare(at.station, jobId, deviceDir);
    const job = () => at.operator.call('getJob', { params: { jobId } });
    return { at, jobId, deviceDir, proxy, job, server };
  }

  test('that lists less than when its range was summed is no plain success', async () => {
    const { at, jobId, deviceDir, server, job } = await exporting();
    server.objects.delete('in/object-11');
    await exportTo(at.station, jobId, deviceDir);
    const { report } = await job();
    expect(report).toMatchObject({
      outcome: 'with-warnings',
      objects: NAMES.length - 1,
      failed: 0,
    });
    expect(report?.notes?.join()).toContain(`The range held ${NAMES.length} objects`);
  });

  test('leaves out one object that it does not give, by name', async () => {
    const { at, jobId, deviceDir, proxy } = await exporting();
    proxy.rules = [reading({ do: 'html', status: 200 }, /\/in\/object-11(\?|$)/)];
    const done = await exportTo(at.station, jobId, deviceDir);
    expect(done).toMatchObject({ objects: NAMES.length - 1, failed: 1 });
    const file = { params: { jobId, file: 'failure.csv' } } as const;
    const failures = await (await at.operator.call('getReport', file)).text();
    expect(failures).toMatch(/^in\/object-11,.*failed,ObjectUnanswered/m);
  });

  test('waits when it gives none, and goes on by itself', async () => {
    const { at, jobId, deviceDir, proxy, job } = await exporting();
    const fault = { do: 'refuse', status: 403, code: 'AccessDenied' } as const;
    proxy.rules = [reading(fault, /^\/bucket\/in\//, { nth: 5 })];
    const waits: string[][] = [];
    at.station.wait = async () => {
      const now = await job();
      expect(now).toMatchObject({ state: 'exporting', sealed: false });
      waits.push(openKinds(now));
      if (waits.length === 12) proxy.rules = [];
    };
    const done = await exportTo(at.station, jobId, deviceDir);
    expect(waits).toEqual(Array.from({ length: 12 }, () => ['store-refuses']));
    expect(done).toMatchObject({ objects: NAMES.length, failed: 0 });
    expect(openKinds(await job())).toEqual([]);
  });
});
