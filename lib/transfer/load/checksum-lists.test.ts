import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { checkPlan } from '../../domain/processing.ts';
import { tempDir } from '../../testing/temp.ts';
import { makeAwkwardTree, makeTree } from '../../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../../testing/volume-world.ts';
import { readMeta } from '../../volume/catalog/record-metadata.ts';
import { listVolume } from '../report/list-volume.ts';
import { SortedEntries } from '../scan/external-sort.ts';
import { sealVolume } from '../verify/seal.ts';

const checksums = (options: object = {}, plan: object = {}) => ({
  processing: {
    plan: checkPlan({ ...plan, steps: [{ step: 'checksums', ...options }] }),
    network: false,
  },
});

const SHORT = ['**/file-*.bin', '**/[^a]*'];

/** The program that people check such lists with, in a directory. */
function check(dir: string, list: string): { status: number | null; lines: number } {
  const { status, stdout } = spawnSync('sha256sum', ['-c', list], { cwd: dir, encoding: 'utf8' });
  return { status, lines: stdout.split('\n').filter((line) => line.endsWith(': OK')).length };
}

/** The lists of the volume: key, and lines that it says it has. */
async function lists(world: VolumeWorld): Promise<[string, number][]> {
  const found: [string, number][] = [];
  for await (const record of listVolume(world)) {
    const lines = readMeta(record)?.lines;
    if (lines !== undefined) found.push([record.key.toString(), lines]);
  }
  return found.sort();
}

async function imported(world: VolumeWorld): Promise<void> {
  await sealVolume(world);
  expect((await world.unload()).summary.failed).toBe(0);
}

test('sha256sum checks the whole source by the one list of a load', async () => {
  const world = await volumeWorld();
  makeTree(world.source, { seed: 21, files: 60, bytesMax: 3000 });
  makeAwkwardTree(world.source);
  // The longest names are too long for a directory once they have an ending.
  const { problems } = await world.load({ ...checksums({ match: SHORT }), workers: 2 });
  const [[key, lines] = ['', 0]] = await lists(world);
  expect(key).toBe('SHA256SUMS');
  await imported(world);
  const list = readFileSync(join(world.bucketDir, 'SHA256SUMS'));
  writeFileSync(join(world.dir, 'list'), list);
  expect(check(world.source, '../list')).toEqual({ status: 0, lines });
  expect(problems.filter(({ code }) => code !== 'SymlinkSkipped')).toEqual([]);
});

test('with a list for each folder, names are as they are seen from there', async () => {
  const world = await volumeWorld();
  for (const key of ['a/b/one', 'a/two', 'three', 'a/b/four']) {
    mkdirSync(dirname(join(world.source, key)), { recursive: true });
    writeFileSync(join(world.source, key), key);
  }
  await world.load(checksums({ list: '{dir}SHA256SUMS' }, { originals: 'keep' }));
  expect(await lists(world)).toEqual([
    ['SHA256SUMS', 1],
    ['a/SHA256SUMS', 1],
    ['a/b/SHA256SUMS', 2],
  ]);
  await imported(world);
  expect(check(join(world.bucketDir, 'a/b'), 'SHA256SUMS')).toEqual({ status: 0, lines: 2 });
  expect(check(world.bucketDir, 'three.sha256')).toEqual({ status: 0, lines: 1 });
});

test('a list follows the source, and stays when nothing has changed', async () => {
  const world = await volumeWorld();
  for (const key of ['a', 'b', 'd/c']) {
    mkdirSync(dirname(join(world.source, key)), { recursive: true });
    writeFileSync(join(world.source, key), key);
  }
  const steps = checksums({ list: '{dir}SUMS', match: ['?', 'd/*'] });
  const first = await world.load(steps);
  const same = await world.load(steps);
  expect(same).toMatchObject({ objects: first.objects, bytes: first.bytes, alreadyDone: 3 });
  expect(same.processing?.outputs).toEqual({ objects: 5, bytes: first.bytes });
  writeFileSync(join(world.source, 'a'), 'another');
  utimesSync(join(world.source, 'a'), 1000, 1000);
  const changed = await world.load(steps);
  expect(changed.objects).toBe(5);
  await imported(world);
  writeFileSync(join(world.dir, 'list'), readFileSync(join(world.bucketDir, 'SUMS')));
  expect(check(world.source, '../list')).toEqual({ status: 0, lines: 2 });
});

test('an object of the source that has the key of the list is refused before anything is written', async () => {
  const world = await volumeWorld();
  writeFileSync(join(world.source, 'SHA256SUMS'), 'mine');
  await expect(world.load(checksums({}, { originals: 'keep' }))).rejects.toMatchObject({
    code: 'OutputClash',
    facts: { key: 'SHA256SUMS' },
  });
  const other = checksums({ list: 'of-waybill' }, { originals: 'keep' });
  expect((await world.load(other)).objects).toBe(3);
});

test('more entries than memory holds come in order', () => {
  const dir = tempDir();
  const entries = new SortedEntries(join(dir, 'run'), 1000);
  const keys = Array.from({ length: 500 }, (_, i) => `k\n${(i * 7919) % 500}`);
  for (const key of keys) entries.add({ group: key.slice(-1), key, line: `${key}\n` });
  const found = [...entries.sorted()].map(({ group, key }) => `${group} ${key}`);
  expect(found).toEqual(keys.map((key) => `${key.slice(-1)} ${key}`).sort());
  entries.close();
  rmSync(dir, { recursive: true });
});
