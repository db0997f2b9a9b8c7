import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VolumeKind } from '../../../domain/words.ts';
import { preflight } from '../../../transfer/load/load.ts';
import { listVolume } from '../../../transfer/report/list-volume.ts';
import { sealVolume } from '../../../transfer/verify/seal.ts';
import { type VolumeWorld, volumeWorld } from '../../volume-world.ts';
import type { Scenario } from '../scenario.ts';
import { rounds } from '../story.ts';
import { makeDeep, makeNames, pathIn } from './tree.ts';

export const names: Scenario = {
  name: 'names',
  about:
    'names of any bytes, of any length, clashing in case, with links, holes, modes and times of every sort: each object is carried as it is, or reported before anything is written',
  factor: 1,
  async run({ seed, rounds: count }) {
    const totals = { objects: 0, landed: 0, reported: 0 };
    await rounds({ seed, rounds: count, name: 'names' }, async ({ random, dir }) => {
      const kind: VolumeKind = random() < 0.5 ? 'sealed' : 'bag';
      const world = await volumeWorld(kind, dir);
      makeNames(world.source, random);
      mkdirSync(join(world.source, 'deep'));
      const deep = process.platform === 'linux' && random() < 0.3;
      // A key of 4,000 bytes is over the limit of keys; beyond PATH_MAX a folder cannot even be opened.
      if (deep) makeDeep(join(world.source, 'deep'), 25);
      const found = deep ? undefined : keysIn(world.source);
      const onDevice = () => readdirSync(world.deviceDir, { recursive: true }).sort();
      const before = onDevice();
      const dry = await preflight(world.loadOptions());
      assert.deepEqual(onDevice(), before, 'a dry run writes nothing');
      const loaded = await world.load();
      assert.equal(loaded.failed, dry.failed, 'all is reported before anything is written');
      if (deep) assert(loaded.failed > 0, 'what is too deep is reported');
      if (found) assert.equal(loaded.objects + loaded.failed, found.length, 'nothing is forgotten');
      await sealVolume(world);
      const { summary } = await world.unload();
      assert.equal(summary.objects, loaded.objects, 'what was loaded lands');
      await checkAll(world);
      // Node removes by path, which is too long here.
      if (deep) spawnSync('rm', ['-rf', join(world.source, 'deep')]);
      totals.objects += loaded.objects + loaded.failed;
      totals.landed += loaded.objects;
      totals.reported += loaded.failed;
    });
    return totals;
  },
};

/** Content, mode and time of every object of the volume. */
async function checkAll(world: VolumeWorld): Promise<void> {
  const wanted: string[] = [];
  for await (const record of listVolume(world)) {
    const name = JSON.stringify(record.key.toString('latin1'));
    wanted.push(record.key.toString('latin1'));
    const [from, to] = [world.source, world.bucketDir].map((dir) => pathIn(dir, record.key));
    assert(from && to);
    const [before, after] = [from, to].map((path) => lstatSync(path, { bigint: true }));
    assert(before && after);
    assert.equal(record.mode, Number(before.mode) & 0o7777, `${name}: the catalog has its mode`);
    assert.equal(record.mtimeNs, before.mtimeNs, `${name}: the catalog has its time`);
    if (record.kind === 'directory') continue;
    assert(readFileSync(from).equals(readFileSync(to)), `${name}: every byte`);
    assert.equal(Number(after.mode) & 0o7777, (record.mode & 0o777) | 0o600, `${name}: its mode`);
    const off = Number(before.mtimeNs / 1000n - after.mtimeNs / 1000n);
    // Node has times as seconds in a double: before 1970 it cuts off to the other side.
    assert(Math.abs(off) <= (before.mtimeNs < 0n ? 2 : 0), `${name}: its time is off by ${off} µs`);
  }
  assert.deepEqual(keysIn(world.bucketDir), wanted.sort(), 'the store holds them and nothing else');
}

/** Keys of the files and empty folders below a directory, one character a byte, sorted. */
function keysIn(dir: string, under = Buffer.alloc(0)): string[] {
  const path = pathIn(dir, under);
  const entries = readdirSync(path, { encoding: 'buffer', withFileTypes: true });
  if (entries.length === 0 && under.length > 0) return [under.toString('latin1')];
  return entries
    .flatMap((entry) => {
      const key = Buffer.concat([under, entry.name]);
      if (!entry.isDirectory()) return [key.toString('latin1')];
      return keysIn(dir, Buffer.concat([key, Buffer.from('/')]));
    })
    .sort();
}
