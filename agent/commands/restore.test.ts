import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { commandHost, runProgram } from '../../lib/testing/command-host.ts';
import { newJobBody } from '../../lib/testing/console-world.ts';
import { actOn, device, facility } from '../../lib/testing/facility-world.ts';
import { makeTree, snapshot } from '../../lib/testing/trees.ts';
import { exportTo } from '../station/export.ts';
import { prepare } from '../station/prepare.ts';

test('a restore tells the console how it stands, at the latest by waybill sync', async () => {
  const h = await commandHost();
  const at = await facility(h.world);
  makeTree(at.bucketDir, { seed: 8, files: 5, bytesMax: 2000 });
  const expected = snapshot(at.bucketDir);
  const { id: jobId } = await at.operator.call('createJob', {
    body: newJobBody({ type: 'export' }),
  });
  const deviceDir = device(at, 'SB-1');
  await prepare(at.station, jobId, deviceDir);
  await exportTo(at.station, jobId, deviceDir);
  const status = async () => {
    const { operations } = await at.operator.call('getJob', { params: { jobId } });
    const found = operations.find(({ operation }) => operation === 'restore');
    return `${found?.state}: ${found?.waits ?? ''}`;
  };
  expect(await status()).toBe('planned: the job to be at site');
  await actOn(at.operator, jobId, 'ship-to-site');
  await actOn(at.operator, jobId, 'deliver');
  expect(await status()).toBe('planned: its start');
  const [manifest, code] = [join(h.dir, 'job.manifest'), join(h.dir, 'code')];
  await h.run('operator', 'job', 'manifest', jobId, '--output', manifest);
  await h.run('operator', 'job', 'unlock-code', jobId, '--output', code);
  const state = ['--state', join(h.dir, 'state')];
  const ran = await runProgram([
    ...['restore', join(h.dir, 'restored'), '--device', deviceDir, '--manifest', manifest],
    ...['--unlock-code-file', code, ...state, '--workers', '0', '--json'],
  ]);
  expect(ran.last).toMatchObject({ type: 'result', objects: 5, failed: 0 });
  expect(snapshot(join(h.dir, 'restored'))).toEqual(expected);
  const evidence = async () =>
    (await at.operator.call('getJob', { params: { jobId } })).evidence.restore;
  // The address in this manifest is not one of this console.
  expect((await h.run('operator', 'sync', ...state, '--json')).last).toMatchObject({ refused: 0 });
  expect(await status()).toBe('done: ');
  expect(await evidence()).toBe('done');

  // Of another restore a part is not written: that device is not done with.
  const inTheWay = join(h.dir, 'again');
  mkdirSync(inTheWay);
  const [first = ''] = [...expected.keys()].filter((key) => !key.endsWith('/'));
  mkdirSync(dirname(join(inTheWay, first)), { recursive: true });
  writeFileSync(join(inTheWay, first), 'somebody else’s');
  const part = await runProgram([
    ...['restore', inTheWay, '--device', deviceDir, '--manifest', manifest],
    ...['--unlock-code-file', code, '--state', join(h.dir, 'again-state')],
    ...['--workers', '0', '--json'],
  ]);
  expect(part).toMatchObject({ exit: 1, last: { failed: 1 } });
  await h.run('operator', 'sync', '--state', join(h.dir, 'again-state'), '--json');
  expect(await status()).toBe('failed: ');
  expect(await evidence()).toBe('failed');
});
