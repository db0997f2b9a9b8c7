import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../lib/stores/open.ts';
import { commandHost, type Host, runProgram } from '../../lib/testing/command-host.ts';
import {
  actOn,
  copyAtSite,
  device,
  type Facility,
  facility,
} from '../../lib/testing/facility-world.ts';
import { listKeys, readObject } from '../../lib/testing/store-world.ts';
import { tempDir } from '../../lib/testing/temp.ts';
import { makeTree, snapshot } from '../../lib/testing/trees.ts';
import { importFrom } from './import.ts';
import { receive } from './receive.ts';

/** A disk that is archived as it is, from the order to the day on which somebody needs it again. */

interface Vault {
  h: Host;
  at: Facility;
  root: string;
}

async function vault(): Promise<Vault> {
  const h = await commandHost();
  const at = await facility(h.world);
  const root = tempDir();
  const body = { id: 'vault', name: 'Vault', kind: 'glacier' as const, root, bucket: 'deep' };
  await at.operator.call('addStore', { body });
  return { h, at, root };
}

const order = (h: Host, ...more: string[]) =>
  h.run(
    'operator',
    ...['job', 'create', '--name', 'archive', '--option', 'disk', '--type', 'import'],
    ...['--store', 'vault', '--bucket', 'deep', '--archive', 'device', ...more, '--json'],
  );

/** Has a disk filled, sent in and imported; returns its job. */
async function carried({ h, at }: Vault): Promise<string> {
  const made = await order(h, '--size', '4TB', '--prefix', '2026/');
  expect(made).toMatchObject({ exit: 0, last: { job: { archive: 'device' } } });
  const { id: jobId } = made.last.job as { id: string };
  const deviceDir = device(at, 'disk');
  await copyAtSite(at, jobId, deviceDir);
  await actOn(at.operator, jobId, 'ship-to-facility');
  await receive(at.station, jobId, deviceDir);
  return jobId;
}

/** What an offline look at the proof of a job finds. */
async function provenOf({ at }: Vault, jobId: string) {
  const response = await at.operator.call('getTransferProof', { params: { jobId } });
  const [file, ca] = [join(tempDir(), 'proof.tar'), join(tempDir(), 'ca.pem')];
  writeFileSync(file, new Uint8Array(await response.arrayBuffer()));
  writeFileSync(ca, at.world.console.authority.certificatePem);
  return (await runProgram(['proof', 'verify', file, '--ca', ca, '--json'])).last;
}

test('a disk becomes one archive, whose objects its credentials open after the job has ended', async () => {
  const world = await vault();
  const { h, at, root } = world;
  makeTree(at.source, { seed: 5, files: 12, bytesMax: 20_000 });
  const jobId = await carried(world);
  const { summary } = await importFrom(at.station, jobId, join(at.dock, 'disk'));
  const key = `2026/${jobId}.tar`;
  expect(summary).toMatchObject({ objects: 12, outcome: 'succeeded', archive: { key } });
  expect(await provenOf(world, jobId)).toMatchObject({
    whole: true,
    proof: { report: { archive: { key } } },
  });
  const store = openStore({ kind: 'glacier', root, bucket: 'deep' });
  const keys = (await listKeys(store)).filter((found) => !found.startsWith('waybill-reports/'));
  expect(keys).toEqual([key]);
  for (const action of ['return', 'complete'] as const) await actOn(at.operator, jobId, action);
  const shown = await h.run('operator', 'job', 'show', jobId);
  expect(shown.out).toMatch(/^archive: +the whole device$/m);
  const report = await h.run('operator', 'job', 'report', jobId);
  expect(report.out).toMatch(
    new RegExp(`^archive: +${key}, ${summary.archive?.bytes} bytes$`, 'm'),
  );
  expect(report.out).toContain(summary.archive?.sha256);

  const dir = tempDir();
  writeFileSync(join(dir, 'a.tar'), await readObject(store, key));
  mkdirSync(join(dir, 'unpacked'));
  spawnSync('tar', ['xf', join(dir, 'a.tar'), '-C', join(dir, 'unpacked')]);
  const [manifest, code] = [join(dir, 'job.manifest'), join(dir, 'code')];
  expect(await h.run('operator', 'job', 'manifest', jobId, '--output', manifest)).toMatchObject({
    exit: 0,
  });
  await h.run('operator', 'job', 'unlock-code', jobId, '--output', code);
  const opened = [
    ...['--device', join(dir, 'unpacked'), '--manifest', manifest, '--unlock-code-file', code],
    ...['--state', join(dir, 'state'), '--workers', '0', '--json'],
  ];
  const verified = await runProgram(['verify', '--full', ...opened]);
  expect(verified.last).toMatchObject({ type: 'result', objects: 12, damaged: 0 });
  const back = await runProgram(['restore', join(dir, 'restored'), ...opened]);
  expect(back.last).toMatchObject({ type: 'result', objects: 12, failed: 0 });
  expect(snapshot(join(dir, 'restored'))).toEqual(snapshot(at.source));
});

test('a disk that is damaged is imported by objects where the facility says so', async () => {
  const world = await vault();
  const { at, root } = world;
  makeTree(at.source, { seed: 5, files: 12, bytesMax: 20_000 });
  writeFileSync(join(at.source, 'zz'), Buffer.alloc(3_000_000, 7));
  const jobId = await carried(world);
  const deviceDir = join(at.dock, 'disk');
  const segment = join(deviceDir, 'waybill/segments/000000/000001.seg');
  const bytes = readFileSync(segment);
  writeFileSync(segment, bytes.fill(0, bytes.length - 2000, bytes.length - 1900));
  await expect(importFrom(at.station, jobId, deviceDir)).rejects.toMatchObject({
    code: 'VolumeNotVerified',
  });
  const { summary } = await importFrom(at.station, jobId, deviceDir, { archive: 'object' });
  expect(summary).toMatchObject({ objects: 12, failed: 1, outcome: 'with-errors' });
  expect(summary.archive).toBeUndefined();
  expect(await provenOf(world, jobId)).toMatchObject({
    whole: true,
    proof: { report: { objects: 12, failed: 1, outcome: 'with-errors' } },
  });
  const store = openStore({ kind: 'glacier', root, bucket: 'deep' });
  expect(await listKeys(store, { prefix: '2026/' })).toHaveLength(12);
});

test('what cannot become one archive is refused when it is ordered', async () => {
  const { h } = await vault();
  const large = await order(h, '--size', '8TB');
  expect(large.last).toMatchObject({
    code: 'ArchiveTooLarge',
    next: expect.stringMatching(/--archive object.*2 jobs/),
  });
  const elsewhere = await order(h, '--size', '4TB', '--store', 'embedded', '--bucket', 'default');
  expect(elsewhere.last).toMatchObject({
    code: 'OptionRule',
    message: expect.stringContaining('glacier'),
  });
});
