import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { commandHost } from '../../lib/testing/command-host.ts';
import { newJobBody } from '../../lib/testing/console-world.ts';
import {
  actOn,
  copyAtSite,
  device,
  type Facility,
  facility,
  reopenAtSite,
} from '../../lib/testing/facility-world.ts';
import { type FaultRule, faultProxy } from '../../lib/testing/servers/fault-proxy.ts';
import { strictS3 } from '../../lib/testing/servers/strict-s3.ts';
import { tempDir } from '../../lib/testing/temp.ts';
import { makeTree, snapshot } from '../../lib/testing/trees.ts';
import { prepare } from './prepare.ts';

/** The station as it runs at a facility: the bundle, in a process of its own, with a console that it reaches over HTTP. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUNDLE = join(ROOT, 'dist/waybill.mjs');

beforeAll(() => {
  const run = spawnSync(process.execPath, ['--import', 'tsx', 'lib/launch/bundle-agent.ts'], {
    cwd: ROOT,
  });
  expect(String(run.stderr)).toBe('');
});

interface Line {
  type: string;
  device?: string;
  text?: string;
}

/** A watching station; `until` resolves when a line says so. */
async function startWatch(url: string, at: Facility, dir: string) {
  const tokenFile = join(dir, 'station.token');
  writeFileSync(tokenFile, await at.world.token('station'));
  const args = ['station', 'watch', at.dock, '--simulated', '--workers', '2', '--json'];
  const child = spawn(
    process.execPath,
    [BUNDLE, ...args, '--console', url, '--token-file', tokenFile, '--state', join(dir, 'state')],
    { env: process.env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines: Line[] = [];
  let rest = '';
  const listeners = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.map((part) => JSON.parse(part) as Line));
    for (const tell of listeners) tell();
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const until = (holds: (lines: Line[]) => boolean) =>
    new Promise<void>((resolve) => {
      const tell = () => {
        if (!holds(lines)) return;
        listeners.delete(tell);
        resolve();
      };
      listeners.add(tell);
      tell();
    });
  return { child, lines, ended, until };
}

/** An import whose device stands beside the dock, on its way back. */
async function onItsWay(
  at: Facility,
  name: string,
  again: boolean,
  place: Parameters<typeof newJobBody>[0] = {},
) {
  const { id: jobId } = await at.operator.call('createJob', {
    body: newJobBody({ name, prefix: `${name}/`, ...place }),
  });
  const inDock = device(at, name);
  await prepare(at.station, jobId, inDock);
  await actOn(at.operator, jobId, 'ship-to-site');
  await actOn(at.operator, jobId, 'deliver');
  await copyAtSite(at, jobId, inDock);
  const back = join(tempDir(), name);
  if (again) {
    // What comes back is a clone of the first state; the volume was reopened and sealed again meanwhile.
    cpSync(inDock, back, { recursive: true });
    await reopenAtSite(at, jobId, inDock);
    await copyAtSite(at, jobId, inDock);
    renameSync(inDock, join(tempDir(), name));
  } else renameSync(inDock, back);
  await actOn(at.operator, jobId, 'ship-to-facility');
  return { jobId, name, back, inDock };
}

test('a station empties several devices, refuses an old state among them, and stops on a signal', async () => {
  const host = await commandHost();
  const at = await facility(host.world);
  makeTree(at.source, { seed: 21, files: 30, bytesMax: 20_000 });
  const good = [await onItsWay(at, 'SB-1', false), await onItsWay(at, 'SB-2', false)];
  const old = await onItsWay(at, 'SB-0', true);
  for (const { back, inDock } of [...good, old]) cpSync(back, inDock, { recursive: true });
  const before = snapshot(old.inDock);

  const watching = await startWatch(host.url, at, host.dir);
  const hasSaid = (lines: Line[], name: string, text: string) =>
    lines.some((line) => line.text?.startsWith(`${name}: ${text}`));
  await watching.until(
    (lines) =>
      hasSaid(lines, old.name, 'the seal of the device') &&
      good.every(({ name }) => hasSaid(lines, name, 'no job needs it now')),
  );
  watching.child.kill('SIGTERM');
  expect(await watching.ended).toBe(0);

  for (const { jobId, name, inDock } of good) {
    const job = await at.operator.call('getJob', { params: { jobId } });
    expect(job).toMatchObject({ state: 'completed', outcome: 'succeeded', erased: true });
    expect(snapshot(join(at.bucketDir, name))).toEqual(snapshot(at.source));
    expect(readdirSync(inDock)).toEqual([]);
    expect(watching.lines.some((line) => line.device === name && line.type === 'progress')).toBe(
      true,
    );
  }
  const job = await at.operator.call('getJob', { params: { jobId: old.jobId } });
  expect(job).toMatchObject({ state: 'in-transit-to-facility', erased: false, reported: false });
  expect(job.incidents.map(({ kind }) => kind)).toEqual(['seal-superseded']);
  expect(snapshot(old.inDock)).toEqual(before);
  expect(existsSync(join(at.bucketDir, old.name))).toBe(false);
});

test.each<[string, FaultRule]>([
  ['does not answer', { fault: { do: 'silence' }, method: 'PUT', path: /\/SB-5\/[^.]/ }],
  ['has no time', { fault: { do: 'refuse', status: 503, code: 'SlowDown' }, path: /list-type=2/ }],
])(
  'a station whose store %s stops on a signal all the same, and another goes on',
  async (_, rule) => {
    const host = await commandHost();
    const at = await facility(host.world);
    makeTree(at.source, { seed: 22, files: 5, bytesMax: 20_000 });
    const server = await strictS3();
    const proxy = await faultProxy(server.place.endpoint);
    onTestFinished(() => proxy.close());
    const { region, pathStyle, credentials } = server.place;
    const remote = { endpoint: proxy.endpoint, region, pathStyle };
    const store = { id: 'bulk', name: 'Bulk', kind: 's3' as const, remote, credentials };
    await at.operator.call('addStore', { body: store });
    const place = { storeId: 'bulk', bucket: 'bucket' };
    const { jobId, back, inDock } = await onItsWay(at, 'SB-5', false, place);
    cpSync(back, inDock, { recursive: true });
    proxy.rules = [rule];
    const first = await startWatch(host.url, at, host.dir);
    while (!proxy.seen.some(({ fault }) => fault !== undefined)) await sleep(20);
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(130);
    const params = { jobId };
    expect(await at.operator.call('getJob', { params })).toMatchObject({
      state: 'importing',
      reported: false,
    });
    proxy.rules = [];
    const second = await startWatch(host.url, at, host.dir);
    await second.until((lines) => lines.some(({ text }) => text?.includes('no job needs it now')));
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    const job = await at.operator.call('getJob', { params });
    expect(job).toMatchObject({ state: 'completed', outcome: 'succeeded' });
  },
);
