import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { checkPlan } from '../domain/processing.ts';
import { type VolumeWorld, volumeWorld } from '../testing/volume-world.ts';
import { listVolume } from './report/list-volume.ts';
import { sealVolume } from './verify/seal.ts';

const processing = (plan: unknown) => ({ processing: { plan: checkPlan(plan), network: false } });

let changes = 0;
/** Writes files, each time with a time of its own. */
function put(world: VolumeWorld, files: Record<string, string | Buffer>): void {
  changes += 1;
  for (const [key, content] of Object.entries(files)) {
    writeFileSync(join(world.source, key), content);
    utimesSync(join(world.source, key), 1_000_000 + changes, 1_000_000 + changes);
  }
}

async function keysOf(world: VolumeWorld): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of listVolume(world)) keys.push(key.toString());
  return keys.sort();
}

const counts = ({
  objects,
  bytes,
  processing: results,
}: Awaited<ReturnType<VolumeWorld['load']>>) => ({
  objects,
  bytes,
  ...results,
  steps: results?.steps.map(({ ms: _, ...rest }) => rest),
});

/** The same load of the same source onto a device that has never had one. */
async function afresh(world: VolumeWorld, plan: unknown) {
  const other = await volumeWorld();
  const source = { kind: 'tree', root: world.source, symlinks: 'skip' } as const;
  const loaded = await other.load({ ...processing(plan), source });
  return { counts: counts(loaded), keys: await keysOf(other) };
}

/** Puts an object for each word of its object. */
const code = `export const handler = async (event, { s3 }) => {
  const { bucket, object } = event.Records[0].s3;
  const { Body } = await s3.getObject({ Bucket: bucket.name, Key: object.key });
  for (const word of (await Body.transformToString()).split(' '))
    await s3.putObject({ Key: 'words/' + word, Body: object.key });
};`;

describe('a copy after the source has changed holds what the steps make of it now', () => {
  test('also under keys that only a function knows', async () => {
    const plan = { steps: [{ step: 'function', code, match: ['*.txt'] }] };
    const world = await volumeWorld();
    put(world, { 'a.txt': 'one two', 'b.txt': 'six', 'c.bin': 'c' });
    await world.load(processing(plan));
    expect(await keysOf(world)).toEqual(['c.bin', 'words/one', 'words/six', 'words/two']);
    put(world, { 'a.txt': 'two three four', 'c.bin': 'new' });
    const again = await world.load(processing(plan));
    expect(again).toMatchObject({ failed: 0, alreadyDone: 1 });
    const expected = await afresh(world, plan);
    expect(await keysOf(world)).toEqual(expected.keys);
    expect(counts(again)).toEqual(expected.counts);
    await sealVolume(world);
    const { summary } = await world.unload();
    expect(summary).toMatchObject({ failed: 0, objects: 5 });
    expect(readdirSync(join(world.bucketDir, 'words')).sort()).toEqual([
      'four',
      'six',
      'three',
      'two',
    ]);
  });

  test('a key that was given up is free for another object', async () => {
    const plan = { steps: [{ step: 'function', code, match: ['*.txt'] }] };
    const world = await volumeWorld();
    put(world, { 'a.txt': 'one', 'b.txt': 'two' });
    await world.load(processing(plan));
    put(world, { 'a.txt': 'two', 'b.txt': 'one' });
    expect(await world.load(processing(plan))).toMatchObject({ failed: 0, objects: 2 });
    put(world, { 'a.txt': 'three' });
    mkdirSync(join(world.source, 'words'));
    put(world, { 'words/two': 'a file of the source' });
    expect(await world.load(processing(plan))).toMatchObject({ failed: 0, objects: 3 });
    expect(await keysOf(world)).toEqual(['words/one', 'words/three', 'words/two']);
  });

  test('a key that a function chose before is refused to an object that has come since', async () => {
    const plan = { steps: [{ step: 'function', code, match: ['*.txt'] }] };
    const world = await volumeWorld();
    put(world, { 'a.txt': 'one' });
    await world.load(processing(plan));
    mkdirSync(join(world.source, 'words'));
    put(world, { 'words/one': 'a file of the source' });
    await expect(world.load(processing(plan))).rejects.toMatchObject({
      code: 'OutputClash',
      facts: { key: 'words/one' },
    });
  });

  test('what a filter leaves out now is withdrawn', async () => {
    const plan = { steps: [{ step: 'filter', maxBytes: 5 }] };
    const world = await volumeWorld();
    put(world, { a: 'small', b: 'b', c: 'larger than that' });
    await world.load(processing(plan));
    put(world, { a: 'no longer', c: 'c' });
    const again = await world.load(processing(plan));
    expect(await keysOf(world)).toEqual(['b', 'c']);
    expect(counts(again)).toEqual((await afresh(world, plan)).counts);
    await sealVolume(world);
    expect((await world.unload()).summary).toMatchObject({ objects: 2, failed: 0 });
  });

  test('an original whose step failed makes room for what its step makes now, and the other way round', async () => {
    const plan = { steps: [{ step: 'gunzip' }] };
    const world = await volumeWorld();
    put(world, { 'a.gz': 'no gzip', 'b.gz': gzipSync('b') });
    await world.load(processing(plan));
    expect(await keysOf(world)).toEqual(['a.gz', 'b']);
    put(world, { 'a.gz': gzipSync('a'), 'b.gz': 'no gzip' });
    const again = await world.load(processing(plan));
    expect(await keysOf(world)).toEqual(['a', 'b.gz']);
    expect(again.problems).toMatchObject([{ key: 'b.gz', code: 'StepFailedKept' }]);
    expect(counts(again)).toEqual((await afresh(world, plan)).counts);
  });
});
