import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTree, seeded, seededBytes, snapshot } from '../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../testing/volume-world.ts';
import { homesOf } from '../volume/copies.ts';
import { reopenVolume, sealVolume } from './verify/seal.ts';
import { verifyVolume } from './verify/verify.ts';

async function sealedWorld(): Promise<VolumeWorld> {
  const world = await volumeWorld();
  makeTree(world.source, { seed: 5, files: 12, bytesMax: 30_000 });
  writeFileSync(join(world.source, 'large'), seededBytes(99, 3_500_000));
  await world.load();
  await sealVolume(world);
  return world;
}

const SEGMENT = 'waybill/segments/000000/000001.seg';

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0x01;
  writeFileSync(path, bytes);
}

function allFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('a damaged frame', () => {
  test('costs only the objects that touch it, and is named', async () => {
    const world = await sealedWorld();
    flip(join(world.deviceDir, SEGMENT), 2 * 1024 * 1024);
    const verified = await verifyVolume({ ...world, workers: 0 });
    expect(verified.damaged).toBe(1);
    expect(verified.problems).toEqual([
      expect.objectContaining({ key: 'large', message: 'segment 1 is damaged at offset 1048656' }),
    ]);
    const { summary, files } = await world.unload();
    expect(summary).toMatchObject({ outcome: 'with-errors', failed: 1 });
    expect(readFileSync(files['failure.csv'], 'utf8')).toContain('large,3500000,');
    const stored = snapshot(world.bucketDir);
    const expected = snapshot(world.source);
    expected.delete('large');
    expect(stored).toEqual(expected);
  });

  test('is copied again after it was taken away', async () => {
    const world = await sealedWorld();
    flip(join(world.deviceDir, SEGMENT), 2 * 1024 * 1024);
    await reopenVolume(world);
    await verifyVolume({ ...world, workers: 0, dropDamaged: true });
    await world.load();
    await sealVolume(world);
    const { summary } = await world.unload();
    expect(summary.outcome).toBe('succeeded');
    expect(snapshot(world.bucketDir)).toEqual(snapshot(world.source));
  });
});

test('no flipped bit anywhere on the device brings a wrong byte to the store', async () => {
  const world = await sealedWorld();
  const good = snapshot(world.source);
  const random = seeded(2026);
  const files = allFiles(join(world.deviceDir, 'waybill'));
  for (let round = 0; round < 40; round += 1) {
    const path = files[Math.floor(random() * files.length)] ?? '';
    const original = readFileSync(path);
    flip(path, Math.floor(random() * original.length));
    rmSync(world.bucketDir, { recursive: true });
    rmSync(join(world.dir, 'unload-state'), { recursive: true, force: true });
    const { mkdirSync } = await import('node:fs');
    mkdirSync(world.bucketDir);
    let outcome = 'refused';
    try {
      outcome = (await world.unload()).summary.outcome;
    } catch (error) {
      expect(error).toHaveProperty('code');
    }
    const stored = snapshot(world.bucketDir);
    for (const [key, digest] of stored)
      expect(digest, `${path} round ${round}`).toBe(good.get(key));
    if (outcome === 'succeeded') expect(stored).toEqual(good);
    writeFileSync(path, original);
  }
});

describe('a device that lies', () => {
  test('a truncated segment, one that is missing and one in another place are found', async () => {
    const world = await sealedWorld();
    const segment = join(world.deviceDir, SEGMENT);
    const original = readFileSync(segment);
    // Cut at a frame's end: only the flag on the last frame tells.
    truncateSync(segment, 64 + 2 * (1024 * 1024 + 16));
    expect((await verifyVolume({ ...world, workers: 0 })).damaged).toBe(1);
    rmSync(segment);
    expect((await verifyVolume({ ...world, workers: 0 })).damaged).toBe(1);
    writeFileSync(join(world.deviceDir, 'waybill/segments/000000/000002.seg'), original);
    expect((await verifyVolume({ ...world, workers: 0 })).damaged).toBe(1);
  });

  test('a page that the seal does not name is named and ignored, and one that is missing costs its objects', async () => {
    const world = await sealedWorld();
    const page = join(world.deviceDir, 'waybill/catalog/000001.cat');
    const stray = join(world.deviceDir, 'waybill/catalog/000002.cat');
    writeFileSync(stray, readFileSync(page));
    const { summary: all } = await world.unload();
    expect(all).toMatchObject({ outcome: 'succeeded', objects: 13 });
    expect(all.notes).toEqual(['waybill/catalog/000002.cat is not named by the seal']);
    for (const path of [world.bucketDir, join(world.dir, 'unload-state')])
      rmSync(path, { recursive: true });
    mkdirSync(world.bucketDir);
    renameSync(page, `${page}.away`);
    const { summary } = await world.unload();
    expect(summary).toMatchObject({ outcome: 'with-errors', objects: 0, failed: 13 });
  });

  test('a page that was written after the seal proves that it is not the last one', async () => {
    const world = await sealedWorld();
    const seals = (['seal.bin', 'seal.cms'] as const).flatMap((file) =>
      homesOf(file).map((path) => ({ path, bytes: readFileSync(join(world.deviceDir, path)) })),
    );
    await reopenVolume(world);
    writeFileSync(join(world.source, 'more'), 'more');
    await world.load();
    for (const { path, bytes } of seals) writeFileSync(join(world.deviceDir, path), bytes);
    const superseded = { code: 'SealSuperseded', message: expect.stringContaining('page 2') };
    await expect(world.unload()).rejects.toMatchObject(superseded);
    const caPem = world.authority.certificatePem;
    const { intact, sealState, problems } = await verifyVolume({ ...world, caPem, workers: 0 });
    expect({ intact, sealState }).toEqual({ intact: false, sealState: 'superseded' });
    expect(problems[0]).toMatchObject(superseded);
  });

  test('a seal of another job, or by another authority, is refused', async () => {
    const world = await sealedWorld();
    await expect(world.unload({ label: { ...world.label, jobId: 'JID-2' } })).rejects.toMatchObject(
      {
        code: 'SignatureInvalid',
      },
    );
    const { createAuthority } = await import('../keys/certificates.ts');
    const other = await createAuthority({ name: 'other', now: new Date() });
    await expect(world.unload({ caPem: other.certificatePem })).rejects.toMatchObject({
      code: 'SignatureInvalid',
    });
    await expect(world.unload({ sizeBytes: 1000 })).rejects.toMatchObject({
      code: 'SizeOverLimit',
    });
  });
});
