import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { VolumeKind } from '../../../domain/words.ts';
import { reopenVolume, sealVolume } from '../../../transfer/verify/seal.ts';
import type { ObjectRecord } from '../../../volume/catalog/records.ts';
import { liveRecords } from '../../../volume/index/live-records.ts';
import { openVolume } from '../../../volume/open-volume.ts';
import { seededBytes, snapshot } from '../../trees.ts';
import { type VolumeWorld, volumeWorld } from '../../volume-world.ts';
import { withFaults } from '../fault-fs.ts';

/** A sealed device, everything on it, and what must come out of it. */
export interface Victim {
  world: VolumeWorld;
  kind: VolumeKind;
  /** Every file of the device by its path below it. */
  files: Map<string, Buffer>;
  /** Files of earlier states of the same volume, under the same names. */
  earlier: Map<string, Buffer>;
  /** Key → SHA-256, as `snapshot` gives it. */
  source: Map<string, string>;
  /** The objects that count, by page. */
  pages: Map<number, ObjectRecord[]>;
}

const LARGE_BYTES = 2_300_000;

/**
 * Loads a volume in several runs: one stops inside a large object, so that it spans two segments; later ones
 * replace objects, one of them under a number that was used before; the last page is one replaced object alone.
 */
export async function makeVictim(
  kind: VolumeKind,
  dir: string,
  random: () => number,
): Promise<Victim> {
  const world = await volumeWorld(kind, dir);
  let clock = 1_600_000_000;
  const file = (name: string, bytes: number) => {
    const path = join(world.source, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, seededBytes(Math.floor(random() * 1e9), bytes));
    clock += 1;
    utimesSync(path, clock, clock);
  };
  const small = () => Math.floor(random() * 5000) + 1;
  for (let i = 0; i < 5; i += 1) file(`a/${i}`, small());
  for (const name of ['b', 'c', 'd', 'e']) file(name, small());
  file('empty', 0);
  file('large', LARGE_BYTES);
  for (let i = 0; i < 3; i += 1) file(`z/${i}`, small());
  mkdirSync(join(world.source, 'folder'));
  await loadUntil(world, 'large');
  await world.load();
  for (const name of ['b', 'n/1', 'n/2']) file(name, small());
  await world.load();
  await sealVolume(world);
  const earlier = new Map<string, Buffer>(
    ['waybill/seal.bin', 'waybill/seal.cms'].map((path) => [
      path,
      readFileSync(join(world.deviceDir, path)),
    ]),
  );
  await reopenVolume(world);
  file('c', small());
  file('e', small());
  await world.load();
  const before = filesOf(world.deviceDir);
  const volume = openVolume(world);
  volume.dropPage(volume.pageNumbers().at(-1) ?? 0);
  file('c', small());
  await world.load();
  file('d', small());
  await world.load();
  await sealVolume(world);
  const files = filesOf(world.deviceDir);
  for (const [path, content] of before) {
    const now = files.get(path);
    if (now && !now.equals(content)) earlier.set(path, content);
  }
  const pages = pagesOf(world);
  assert(pages.size >= 4, 'the volume has several pages');
  return { world, kind, files, earlier, source: snapshot(world.source), pages };
}

/** A load that is stopped when it has read a good part of a file. */
async function loadUntil(world: VolumeWorld, name: string): Promise<void> {
  const abort = new AbortController();
  let reads = 0;
  const after = (call: { name: string; path: string }) => {
    if (call.name !== 'read' || call.path !== join(world.source, name)) return;
    reads += 1;
    if (reads === 2) abort.abort();
  };
  const stopped = withFaults([world.source], { after }, () => world.load({ signal: abort.signal }));
  await assert.rejects(stopped, { name: 'AbortError' });
}

/** Every file below a directory. */
export function filesOf(dir: string): Map<string, Buffer> {
  const found = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return new Map(found.map((path) => [path.slice(dir.length + 1), readFileSync(path)]));
}

function pagesOf(world: VolumeWorld): Map<number, ObjectRecord[]> {
  const volume = openVolume(world);
  const numbers = volume.pageNumbers();
  const { isLive } = liveRecords(volume, numbers);
  return new Map(
    numbers.map((number) => [
      number,
      volume.readPage(number).records.flatMap((r) => (isLive(number, r) ? [r] : [])),
    ]),
  );
}
