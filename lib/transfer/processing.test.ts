import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { checkPlan } from '../domain/processing.ts';
import { makeTree, seededBytes } from '../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../testing/volume-world.ts';
import { readMeta } from '../volume/catalog/record-metadata.ts';
import { listVolume } from './report/list-volume.ts';
import { sealVolume } from './verify/seal.ts';

const processing = (plan: unknown) => ({ processing: { plan: checkPlan(plan), network: false } });

function put(world: VolumeWorld, files: Record<string, string | Buffer>): void {
  for (const [key, content] of Object.entries(files)) {
    const path = join(world.source, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

async function records(world: VolumeWorld) {
  const found = [];
  for await (const record of listVolume(world)) found.push(record);
  return found.sort((a, b) => Buffer.compare(a.key, b.key));
}

async function keysOf(world: VolumeWorld): Promise<string[]> {
  return (await records(world)).map(({ key }) => key.toString());
}

/** Seals, imports, and gives the bucket's files. */
async function imported(world: VolumeWorld): Promise<(key: string) => Buffer> {
  await sealVolume(world);
  const { summary } = await world.unload();
  expect(summary.failed).toBe(0);
  return (key) => readFileSync(join(world.bucketDir, key));
}

const gzip = { step: 'gzip', match: ['**/*.txt'] };

describe('processing while loading', () => {
  test('filters by key, size and time, and says how many it left out', async () => {
    const world = await volumeWorld();
    put(world, {
      'a.csv': 'a,b\n',
      'deep/b.csv': 'long enough',
      'c.tmp': 'x',
      'old.csv': 'old old old',
    });
    utimesSync(join(world.source, 'old.csv'), 1000, 1000);
    const filter = {
      step: 'filter',
      include: ['**/*.csv'],
      minBytes: 5,
      modifiedAfter: '2001-01-01',
    };
    const result = await world.load(processing({ steps: [filter] }));
    expect(await keysOf(world)).toEqual(['deep/b.csv']);
    expect(result).toMatchObject({ objects: 1, failed: 0, skipped: 0 });
    expect(result.processing?.steps).toMatchObject([{ objectsIn: 4, objectsOut: 1, bytesOut: 11 }]);
  });

  test.each([
    ['leave-out', ['deep/t.txt.gz', 'keep.bin']],
    ['keep', ['deep/t.txt', 'deep/t.txt.gz', 'keep.bin']],
    ['replace', ['deep/t.txt', 'keep.bin']],
  ])('originals: %s', async (originals, keys) => {
    const world = await volumeWorld();
    const text = 'a line that repeats\n'.repeat(5000);
    put(world, { 'deep/t.txt': text, 'keep.bin': seededBytes(1, 1000) });
    const result = await world.load(processing({ originals, steps: [gzip] }));
    expect(await keysOf(world)).toEqual(keys);
    const made = (await records(world)).find((record) => readMeta(record)?.contentEncoding);
    expect(made && readMeta(made)).toMatchObject({
      contentEncoding: 'gzip',
      steps: [{ step: 'gzip', version: 1 }],
      source: {
        key: 'deep/t.txt',
        bytes: text.length,
        sha256: createHash('sha256').update(text).digest('hex'),
      },
    });
    expect(result.processing).toMatchObject({
      inputs: { objects: 2, bytes: text.length + 1000 },
      steps: [{ objectsIn: 1, bytesIn: text.length, objectsOut: 1, failures: 0 }],
    });
    const read = await imported(world);
    expect(gunzipSync(read(made?.key.toString() ?? '')).toString()).toBe(text);
    if (originals === 'keep') expect(read('deep/t.txt').toString()).toBe(text);
  });

  test('in threads, with what is made together named together across segments', async () => {
    const world = await volumeWorld();
    const large = seededBytes(3, 300 * 1024 ** 2);
    put(world, { 'large.txt': large, 'small.txt': 'x' });
    const steps = [{ step: 'checksums', match: ['**/*.txt'] }];
    await world.load({ ...processing({ originals: 'keep', steps }), workers: 2 });
    const read = await imported(world);
    const digest = createHash('sha256').update(large).digest('hex');
    expect(read('large.txt.sha256').toString()).toBe(`${digest}  large.txt\n`);
    expect(read('large.txt').equals(large)).toBe(true);
  });

  test('a failed step costs no load: the original is kept, or left out, and the report says why', async () => {
    for (const onFailure of ['keep', 'skip']) {
      const world = await volumeWorld();
      put(world, { 'bad.gz': 'this is no gzip', 'good.gz': gzipSync('good') });
      const result = await world.load(processing({ onFailure, steps: [{ step: 'gunzip' }] }));
      expect(await keysOf(world)).toEqual(onFailure === 'keep' ? ['bad.gz', 'good'] : ['good']);
      const code = onFailure === 'keep' ? 'StepFailedKept' : 'StepFailed';
      expect(result.problems).toMatchObject([{ key: 'bad.gz', code }]);
      expect(result.problems[0]?.message).toContain('gunzip failed: incorrect header check');
      const again = await world.load(processing({ onFailure, steps: [{ step: 'gunzip' }] }));
      expect(again.problems).toMatchObject([{ key: 'bad.gz', code }]);
      expect(again.processing?.steps).toMatchObject([{ objectsOut: 1, failures: 1 }]);
    }
  });

  test('a small object that unpacks to too much has failed', async () => {
    const world = await volumeWorld();
    put(world, { 'bomb.gz': gzipSync(Buffer.alloc(5_000_000)) });
    const steps = [{ step: 'gunzip', maxOutputBytes: 1_000_000 }];
    const { problems, bytes } = await world.load(processing({ onFailure: 'skip', steps }));
    expect(problems[0]?.message).toContain('unpacks to more than 1.00 MB');
    expect(bytes).toBe(0);
  });

  test('two objects of one key are refused before anything is written', async () => {
    const world = await volumeWorld();
    put(world, { 'a.txt': '1', 'a.txt.gz': '2' });
    await expect(world.load(processing({ steps: [gzip] }))).rejects.toMatchObject({
      code: 'OutputClash',
      facts: { key: 'a.txt.gz' },
    });
    expect(await keysOf(world)).toEqual([]);
  });

  test('the limit of the device counts what is written', async () => {
    const world = await volumeWorld();
    put(world, { 'zeros.txt': Buffer.alloc(1_000_000) });
    const fits = await world.load({ ...processing({ steps: [gzip] }), sizeBytes: 100_000 });
    expect(fits.bytes).toBeLessThan(2000);
    const other = await volumeWorld();
    put(other, { 'noise.txt': seededBytes(4, 1_000_000) });
    await expect(
      other.load({ ...processing({ steps: [gzip] }), sizeBytes: 100_000 }),
    ).rejects.toMatchObject({ code: 'SizeOverLimit' });
  });

  test('what was stopped goes on: nothing is processed twice into the volume, nothing is lost', async () => {
    const world = await volumeWorld();
    makeTree(world.source, { seed: 5, files: 300, bytesMax: 3000 });
    const steps = [{ step: 'gzip', match: ['**'] }];
    for (let runs = 0; runs < 4; runs += 1) {
      const abort = new AbortController();
      const running = world.load({
        ...processing({ steps }),
        signal: abort.signal,
        onEvent: (event) => event.kind === 'progress' && event.phase === 'copy' && abort.abort(),
      });
      await running.catch((error: unknown) => expect(error).toMatchObject({ name: 'AbortError' }));
    }
    const result = await world.load(processing({ steps }));
    expect(result.processing?.steps[0]).toMatchObject({ objectsIn: 300, objectsOut: 300 });
    const found = await records(world);
    expect(new Set(found.map((record) => readMeta(record)?.source?.key)).size).toBe(300);
    expect(found).toHaveLength(300);
    const read = await imported(world);
    for (const { key } of found) {
      const name = key.toString();
      const original = readFileSync(join(world.source, name.slice(0, -3)));
      expect(gunzipSync(read(name)).equals(original)).toBe(true);
    }
  });
});
