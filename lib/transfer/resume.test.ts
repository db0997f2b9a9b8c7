import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTree, seededBytes, snapshot } from '../testing/trees.ts';
import { volumeWorld } from '../testing/volume-world.ts';
import { sealVolume } from './verify/seal.ts';

describe.each(['sealed', 'bag'] as const)('a stopped load of a %s volume', (kind) => {
  test('goes on where it was, as often as it is stopped', async () => {
    const world = await volumeWorld(kind);
    makeTree(world.source, { seed: 11, files: 600, bytesMax: 2000 });
    let runs = 0;
    for (let done = -1; ; runs += 1) {
      expect(runs).toBeLessThan(50);
      const abort = new AbortController();
      let before = 0;
      try {
        const result = await world.load({
          signal: abort.signal,
          onEvent: (event) => {
            if (event.kind === 'progress' && event.phase === 'copy') {
              before = Math.max(before, event.objects);
              abort.abort();
            }
          },
        });
        expect(result.objects).toBe(600);
        break;
      } catch (error) {
        expect(error).toMatchObject({ name: 'AbortError' });
        expect(before).toBeGreaterThanOrEqual(done);
        done = before;
        await expect(sealVolume(world)).rejects.toMatchObject({ code: 'VolumeNotVerified' });
      }
      if (runs > 3) {
        await world.load();
        break;
      }
    }
    await sealVolume(world);
    await world.unload();
    expect(snapshot(world.bucketDir)).toEqual(snapshot(world.source));
  });
});

test('a load that was killed leaves nothing behind that the next one does not use or remove', async () => {
  const world = await volumeWorld();
  makeTree(world.source, { seed: 12, files: 30, bytesMax: 20_000 });
  await world.load();
  const segments = join(world.deviceDir, 'waybill/segments/000000');
  const catalog = join(world.deviceDir, 'waybill/catalog');
  // As after kill -9: a segment without its page, a page half written.
  writeFileSync(join(segments, '000002.seg'), seededBytes(1, 5000));
  writeFileSync(join(catalog, '.tmp-000002.cat'), 'half');
  rmSync(join(world.deviceDir, 'waybill/load.bin'));
  writeFileSync(join(world.source, 'one more'), 'x');
  expect(await world.load()).toMatchObject({ alreadyDone: 30, objects: 31 });
  expect(readdirSync(segments).sort()).toEqual(['000001.seg', '000002.seg']);
  expect(readdirSync(catalog).sort()).toEqual(['000001.cat', '000002.cat']);
  await sealVolume(world);
  await world.unload();
  expect(snapshot(world.bucketDir)).toEqual(snapshot(world.source));
});

test('a page whose segment is gone is copied again', async () => {
  const world = await volumeWorld();
  makeTree(world.source, { seed: 13, files: 10, bytesMax: 1000 });
  await world.load();
  writeFileSync(join(world.source, 'later'), 'x');
  await world.load();
  rmSync(join(world.deviceDir, 'waybill/segments/000000/000001.seg'));
  expect(await world.load()).toMatchObject({ alreadyDone: 1, objects: 11 });
  await sealVolume(world);
  await world.unload();
  expect(snapshot(world.bucketDir)).toEqual(snapshot(world.source));
});

test('with another key nothing is taken for damaged and thrown away', async () => {
  const world = await volumeWorld();
  writeFileSync(join(world.source, 'a'), 'a');
  await world.load();
  await expect(world.load({ jobKey: Buffer.alloc(32, 7) })).rejects.toMatchObject({
    code: 'PageDamaged',
  });
  expect(await world.load()).toMatchObject({ alreadyDone: 1 });
});

test('an unload that was stopped does not write a finished page again', async () => {
  const world = await volumeWorld();
  makeTree(world.source, { seed: 14, files: 10, bytesMax: 1000 });
  await world.load();
  writeFileSync(join(world.source, 'later'), 'x');
  await world.load();
  await sealVolume(world);
  const abort = new AbortController();
  abort.abort();
  await expect(world.unload({ signal: abort.signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
  const first = await world.unload();
  expect(first.summary).toMatchObject({ objects: 11, alreadyPresent: 0 });
  const again = await world.unload();
  expect(again.summary).toMatchObject({ objects: 11, alreadyPresent: 0, outcome: 'succeeded' });
  expect(snapshot(world.bucketDir)).toEqual(snapshot(world.source));
});
