import { createHash } from 'node:crypto';
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seeded, seededBytes, snapshot } from '../../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../../testing/volume-world.ts';
import { readLabel } from '../../volume/label.ts';
import type { Phase, TransferEvent } from '../progress/progress.ts';
import { unloadRepaired } from '../unload/unload-with-repair.ts';
import { repairVolume } from '../verify/repair.ts';
import { reopenVolume, sealVolume } from '../verify/seal.ts';
import { verifyVolume } from '../verify/verify.ts';
import { parityPercent, writeParity } from './parity.ts';

/** A sealed volume with six segments, the largest of more than two rows, and parity for a third of them. */
async function protectedWorld(percent = 34): Promise<VolumeWorld> {
  const world = await volumeWorld();
  for (let i = 0; i < 6; i += 1) {
    writeFileSync(join(world.source, `f${i}`), seededBytes(i, i === 2 ? 2_200_000 : 5000 + i));
    await world.load();
  }
  await writeParity({ ...world, percent, workers: 0 });
  await sealVolume(world);
  return world;
}

const volumeFiles = (world: VolumeWorld): string[] =>
  readdirSync(join(world.deviceDir, 'waybill'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'load.bin')
    .map((entry) => join(entry.parentPath, entry.name).slice(world.deviceDir.length + 1))
    .sort();

const contents = (world: VolumeWorld) =>
  new Map(volumeFiles(world).map((path) => [path, readFileSync(join(world.deviceDir, path))]));

/** Digests compare faster than megabytes do. */
const digests = (files: Map<string, Buffer>) =>
  [...files].map(([path, bytes]) => `${path} ${createHash('sha256').update(bytes).digest('hex')}`);

const zero = (path: string, from: number, length: number) => {
  const bytes = readFileSync(path);
  bytes.fill(0, Math.min(from, bytes.length), Math.min(from + length, bytes.length));
  writeFileSync(path, bytes);
};
const segment = (world: VolumeWorld, n: number) =>
  join(world.deviceDir, `waybill/segments/000000/00000${n}.seg`);
const page = (world: VolumeWorld, n: number) =>
  join(world.deviceDir, `waybill/catalog/00000${n}.cat`);

describe('progress', () => {
  test('counts recovery files as bytes, never as objects of the volume', async () => {
    const world = await volumeWorld();
    for (const name of ['a', 'b', 'c'])
      writeFileSync(join(world.source, name), seededBytes(1, 5000));
    await world.load();
    const events: TransferEvent[] = [];
    const options = {
      ...world,
      workers: 0,
      onEvent: (event: TransferEvent) => void events.push(event),
    };
    const last = (phase: Phase) =>
      events.findLast((event) => event.kind === 'progress' && event.phase === phase);
    await writeParity({ ...options, percent: 100 });
    expect(last('parity')).toMatchObject({ objects: 0, totalObjects: 0 });
    await verifyVolume({ ...options, caPem: world.authority.certificatePem });
    const end = events.at(-1);
    expect(end).toMatchObject({ kind: 'progress', phase: 'verify', objects: 3, totalObjects: 3 });
    // Those of the volume, and of a copy of each of its files behind them.
    const { bytes, totalBytes } = end as Extract<TransferEvent, { kind: 'progress' }>;
    expect(bytes).toBe(totalBytes);
    expect(bytes).toBeGreaterThan(2 * 3 * 5000);
  });
});

describe('repair', () => {
  test('brings back segments, pages and parity byte for byte, whatever happened to them', async () => {
    const world = await protectedWorld();
    const before = contents(world);
    rmSync(segment(world, 3));
    zero(segment(world, 1), 100, 50);
    rmSync(page(world, 2));
    truncateSync(page(world, 5), 10);
    const result = await repairVolume({ ...world, workers: 0 });
    expect(result).toMatchObject({ lost: [], verified: { damaged: 0, objects: 6 } });
    expect(result.repaired.sort()).toEqual([
      ...['waybill/catalog/000002.cat', 'waybill/catalog/000005.cat'],
      ...['waybill/segments/000000/000001.seg', 'waybill/segments/000000/000003.seg'],
    ]);
    rmSync(join(world.deviceDir, 'waybill/parity/000001-0.par'));
    zero(join(world.deviceDir, 'waybill/parity/000001-1.par'), 0, 40);
    await repairVolume({ ...world, workers: 0 });
    expect(digests(contents(world))).toEqual(digests(before));
  });

  test('uses every row by itself: bad sectors all over are no more than one lost segment', async () => {
    const world = await protectedWorld(16);
    const before = contents(world);
    // Parity for one of six; three damaged segments, each in another row.
    zero(segment(world, 3), 1_500_000, 4096);
    zero(segment(world, 1), 3000, 512);
    expect((await verifyVolume({ ...world, workers: 0 })).damaged).toBe(2);
    expect((await repairVolume({ ...world, workers: 0 })).verified.damaged).toBe(0);
    expect(digests(contents(world))).toEqual(digests(before));
  });

  test('says what is lost, and saves the rest', async () => {
    const world = await protectedWorld(16);
    rmSync(segment(world, 1));
    rmSync(segment(world, 4));
    rmSync(page(world, 2));
    const result = await repairVolume({ ...world, workers: 0 });
    expect(result.lost.sort()).toEqual([1, 4].map((n) => `waybill/segments/000000/00000${n}.seg`));
    expect(result.repaired).toEqual(['waybill/catalog/000002.cat']);
    expect(result.verified.damagedSegments).toEqual([1, 4]);
    const { summary } = await unloadRepaired(world.unloadOptions());
    expect(summary).toMatchObject({ outcome: 'with-errors', objects: 4, failed: 2 });
  });

  test('never writes to a file that verifies, whatever a forged head says', async () => {
    const world = await protectedWorld();
    const before = contents(world);
    const other = await protectedWorld();
    // Heads of another volume are not believed.
    for (const name of readdirSync(join(other.deviceDir, 'waybill/parity'))) {
      if (!name.endsWith('.par')) continue;
      writeFileSync(
        join(world.deviceDir, 'waybill/parity', name),
        readFileSync(join(other.deviceDir, 'waybill/parity', name)),
      );
    }
    // The volume is intact, and an intact one needs no repair.
    expect(await repairVolume({ ...world, workers: 0 })).toMatchObject({ repaired: [], lost: [] });
    const others = (files: Map<string, Buffer>) =>
      digests(files).filter((line) => !line.includes('/parity/'));
    expect(others(contents(world))).toEqual(others(before));
  });

  test('does not follow a symbolic link that lies in a segment’s place', async () => {
    const world = await protectedWorld();
    const victim = join(world.dir, 'victim');
    writeFileSync(victim, 'mine');
    rmSync(segment(world, 1));
    symlinkSync(victim, segment(world, 1));
    expect((await repairVolume({ ...world, workers: 0 })).verified.damaged).toBe(0);
    expect(readFileSync(victim, 'utf8')).toBe('mine');
  });

  test('leaves a file as it is that has another name, and restores a copy in its place', async () => {
    const world = await protectedWorld();
    const before = contents(world);
    const kept: [string, Buffer][] = [];
    for (const [n, path] of [segment(world, 2), page(world, 4)].entries()) {
      // Several rows of it, and bytes behind its end.
      zero(path, 0, 100);
      zero(path, 1_500_000, 4096);
      appendFileSync(path, 'more');
      const other = join(world.dir, `kept-${n}`);
      linkSync(path, other);
      kept.push([other, readFileSync(other)]);
    }
    expect((await repairVolume({ ...world, workers: 0 })).verified.damaged).toBe(0);
    expect(digests(contents(world))).toEqual(digests(before));
    for (const [other, bytes] of kept) expect(readFileSync(other).equals(bytes)).toBe(true);
  });

  test('cuts no file off that has another name: a copy without what lay behind its end takes its place', async () => {
    const world = await protectedWorld();
    const before = contents(world);
    const other = join(world.dir, 'kept');
    appendFileSync(segment(world, 3), 'more');
    linkSync(segment(world, 3), other);
    const bytes = readFileSync(other);
    await repairVolume({ ...world, workers: 0 });
    expect(readFileSync(other).equals(bytes)).toBe(true);
    expect(digests(contents(world))).toEqual(digests(before));
  });

  test('needs parity', async () => {
    const world = await volumeWorld();
    writeFileSync(join(world.source, 'a'), 'a');
    await world.load();
    expect(await repairVolume({ ...world, workers: 0 })).toMatchObject({ repaired: [] });
    truncateSync(segment(world, 1), 70);
    await expect(repairVolume({ ...world, workers: 0 })).rejects.toMatchObject({
      code: 'VolumeNotVerified',
    });
  });
});

test('any one lost file of a volume with parity does not show in an import', async () => {
  const world = await protectedWorld();
  const random = seeded(7);
  const before = contents(world);
  for (const path of before.keys()) {
    const full = join(world.deviceDir, path);
    if (random() < 0.5) rmSync(full);
    else zero(full, Math.floor(random() * 50), 300);
    rmSync(world.bucketDir, { recursive: true });
    mkdirSync(world.bucketDir);
    rmSync(join(world.dir, 'unload-state'), { recursive: true, force: true });
    if (path === 'waybill/label.json') expect(readLabel(world.deviceDir)).toEqual(world.label);
    const { summary } = await unloadRepaired(world.unloadOptions());
    expect(summary, path).toMatchObject({ outcome: 'succeeded', objects: 6 });
    expect(snapshot(world.bucketDir), path).toEqual(snapshot(world.source));
    writeFileSync(full, before.get(path) ?? '');
  }
});

describe('writing parity', () => {
  test('again leaves what is current and replaces what is not', async () => {
    const world = await protectedWorld();
    const before = contents(world);
    await writeParity({ ...world, percent: 34, workers: 0 });
    expect(digests(contents(world))).toEqual(digests(before));
    await reopenVolume(world);
    for (const dir of ['copy-1', 'copy-2'])
      expect(readdirSync(join(world.deviceDir, 'waybill', dir))).toEqual(['label.json']);
    writeFileSync(join(world.source, 'more'), 'more');
    await world.load();
    const { sets } = await writeParity({ ...world, percent: 34, workers: 0 });
    expect(sets).toBe(4);
    await sealVolume(world);
    rmSync(segment(world, 7));
    expect((await repairVolume({ ...world, workers: 0 })).verified.damaged).toBe(0);
  });

  test('is refused for a bag, and for a percentage that makes no sense', async () => {
    const world = await volumeWorld('bag');
    await expect(writeParity({ ...world, percent: 5, workers: 0 })).rejects.toMatchObject({
      code: 'Usage',
    });
    expect([parityPercent('5%'), parityPercent('2.5')]).toEqual([5, 2.5]);
    for (const text of ['0', '101%', 'much', '']) {
      expect(() => parityPercent(text)).toThrow(expect.objectContaining({ code: 'Usage' }));
    }
  });
});
