import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClient } from '../../lib/api/client.ts';
import { unlockManifest } from '../../lib/keys/manifest/manifest.ts';
import { commandHost, runProgram } from '../../lib/testing/command-host.ts';
import { newJobBody, ORIGIN } from '../../lib/testing/console-world.ts';
import { actOn, device, facility } from '../../lib/testing/facility-world.ts';
import { makeTree } from '../../lib/testing/trees.ts';
import { RECEIPT_FILE } from '../host/context.ts';
import { prepare } from '../station/prepare.ts';

/** A device that was sealed, cloned, opened again and sealed with more, and what both hosts and the console know. */
async function sealedTwice() {
  const h = await commandHost();
  const at = await facility(h.world);
  const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
  const params = { jobId };
  const deviceDir = device(at, 'SB-1');
  await prepare(at.station, jobId, deviceDir);
  await actOn(at.operator, jobId, 'ship-to-site');
  await actOn(at.operator, jobId, 'deliver');
  const [manifest, code, state] = ['job.manifest', 'code', 'state'].map((name) =>
    join(h.dir, name),
  ) as [string, string, string];
  await h.run('operator', 'job', 'manifest', jobId, '--output', manifest);
  await h.run('operator', 'job', 'unlock-code', jobId, '--output', code);
  const run = (place: string, ...argv: string[]) =>
    runProgram([
      ...[...argv, '--device', place, '--manifest', manifest, '--unlock-code-file', code],
      ...['--state', state],
    ]);
  const receipt = () => readFileSync(join(state, 'jobs', jobId, RECEIPT_FILE));
  makeTree(at.source, { seed: 5, files: 6, bytesMax: 5000 });
  expect((await run(deviceDir, 'copy', at.source, '--workers', '0')).exit).toBe(0);
  const first = receipt();
  const clone = join(h.dir, 'clone');
  mkdirSync(clone);
  cpSync(deviceDir, clone, { recursive: true });
  expect((await run(deviceDir, 'reopen')).exit).toBe(0);
  makeTree(at.source, { seed: 6, files: 3, bytesMax: 5000 });
  expect((await run(deviceDir, 'copy', at.source, '--workers', '0')).exit).toBe(0);
  const second = receipt();
  await h.run('operator', 'sync', '--state', state);
  const known = async () => (await at.operator.call('getJob', { params })).seal?.sealDigest;
  return { h, at, params, deviceDir, clone, run, receipt, first, second, known };
}

test('an earlier sealed state does not become the known one: not by its device, not by its receipt', async () => {
  const { h, at, params, clone, run, receipt, first, second, known } = await sealedTwice();
  const latest = await known();
  expect(latest).toMatch(/^[0-9a-f]{64}$/);
  const superseded = { exit: 4, talk: expect.stringContaining('is not the one that is known') };
  expect(await run(clone, 'seal')).toMatchObject(superseded);
  expect(await run(clone, 'copy', at.source, '--workers', '0')).toMatchObject(superseded);
  expect(receipt().equals(second)).toBe(true);
  const out = join(h.dir, 'out');
  expect(await run(clone, 'restore', out, '--workers', '0')).toMatchObject(superseded);
  expect(await run(clone, 'restore', '--key', 'x', '--output', out)).toMatchObject(superseded);
  expect(await run(clone, 'ls')).toMatchObject({ exit: 0, talk: superseded.talk });
  expect(await known()).toBe(latest);
  // By hand it is refused; what an outbox tells late is out of date, and holds nothing up.
  const body = new Uint8Array(first);
  await expect(at.operator.call('putSealReceipt', { params, body })).rejects.toMatchObject({
    code: 'SealSuperseded',
  });
  const manifest = await at.operator.call('getManifest', { params });
  const { unlockCode } = await at.operator.call('revealUnlockCode', { params });
  const sealed = new Uint8Array(await manifest.arrayBuffer());
  const { jobToken } = (await unlockManifest(sealed, unlockCode)).secrets;
  const site = createClient({
    baseUrl: ORIGIN,
    token: jobToken ?? '',
    fetch: (url, init) => h.world.send(new Request(String(url), init)),
  });
  await site.call('putSealReceipt', { params, body });
  expect(await known()).toBe(latest);
  // Not while the volume is open either.
  await at.operator.call('reopened', { params });
  await site.call('putSealReceipt', { params, body });
  expect(await known()).toBe(undefined);
  await site.call('putSealReceipt', { params, body: new Uint8Array(second) });
  expect(await known()).toBe(latest);
});

test('the device of the known seal is sealed and restored as before', async () => {
  const { h, deviceDir, run, second, receipt, known } = await sealedTwice();
  const latest = await known();
  expect((await run(deviceDir, 'seal')).exit).toBe(0);
  expect(receipt().length).toBeGreaterThanOrEqual(second.length - 10);
  expect((await run(deviceDir, 'restore', join(h.dir, 'out'), '--workers', '0')).exit).toBe(0);
  expect(await known()).toBe(latest);
});
