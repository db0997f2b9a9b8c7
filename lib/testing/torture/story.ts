import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VolumeKind } from '../../domain/words.ts';
import { writeParity } from '../../transfer/parity/parity.ts';
import { completeSeal } from '../../transfer/verify/restore-copies.ts';
import { sealVolume } from '../../transfer/verify/seal.ts';
import { verifyVolume } from '../../transfer/verify/verify.ts';
import { homesOf } from '../../volume/copies.ts';
import { liveRecords } from '../../volume/index/live-records.ts';
import { isSealed } from '../../volume/label.ts';
import { openVolume } from '../../volume/open-volume.ts';
import { seeded, seededBytes, snapshot } from '../trees.ts';
import { type VolumeWorld, volumeWorld } from '../volume-world.ts';
import type { FaultLayer, FsCall } from './fault-fs.ts';

/** The commands of one transfer, in their order. */
export const STAGES = ['load', 'parity', 'verify', 'seal', 'unload'] as const;
export type Stage = (typeof STAGES)[number];

/** A small transfer that can be interrupted anywhere, and what must hold when it is through. */
export interface Story {
  world: VolumeWorld;
  kind: VolumeKind;
  /** Runs a stage's command; the same again goes on where it was. */
  run(stage: Stage): Promise<void>;
  /** Counts what is written to the store. */
  counting: FaultLayer;
  /** Throws when the store, the device or the number of writes is not that of an undisturbed run. */
  check(): void;
}

/** A device that has been loaded once, and a source that has changed since. */
export async function tellStory(kind: VolumeKind, dir: string, seed: number): Promise<Story> {
  mkdirSync(dir, { recursive: true });
  const world = await volumeWorld(kind, dir);
  for (const state of ['state', 'unload-state']) mkdirSync(join(dir, state));
  const random = seeded(seed);
  const file = (name: string, bytes: number) => {
    mkdirSync(join(world.source, name, '..'), { recursive: true });
    writeFileSync(join(world.source, name), seededBytes(Math.floor(random() * 1e9), bytes));
  };
  for (let i = 0; i < 5; i += 1) file(`old/${i}`, Math.floor(random() * 3000));
  file('changes', 700);
  await world.load();
  for (let i = 0; i < 4; i += 1) file(`new/${i % 2}/${i}`, Math.floor(random() * 3000));
  file('changes', 900);
  file('empty', 0);
  file('large', 1_100_000);
  file(Buffer.from('n\nä').toString(), 10);
  mkdirSync(join(world.source, 'folder'));
  const writes = new Map<string, number>();
  const counting: FaultLayer = {
    after: (call: FsCall) => {
      if (call.name !== 'rename' || !call.to?.startsWith(`${world.bucketDir}/`)) return;
      const key = call.to.slice(world.bucketDir.length + 1);
      if (!key.startsWith('.waybill-')) writes.set(key, (writes.get(key) ?? 0) + 1);
    },
  };
  return {
    world,
    kind,
    counting,
    run: (stage) => runStage(world, stage),
    check: () => {
      assert.deepEqual(facts(world.bucketDir), facts(world.source), 'the store holds the source');
      for (const [key, times] of writes) assert.equal(times, 1, `${key} was written once`);
      checkDevice(world, kind);
    },
  };
}

async function runStage(world: VolumeWorld, stage: Stage): Promise<void> {
  if (stage === 'load') {
    const { failed, skipped } = await world.load();
    assert.deepEqual({ failed, skipped }, { failed: 0, skipped: 0 });
  } else if (stage === 'parity') {
    if (world.label.kind === 'sealed') await writeParity({ ...world, percent: 50, workers: 0 });
  } else if (stage === 'verify') {
    assert.equal((await verifyVolume({ ...world, workers: 0 })).damaged, 0);
  } else if (stage === 'seal') {
    if (!isSealed(world.deviceDir)) await sealVolume(world);
    else completeSeal({ ...world, caPem: world.authority.certificatePem });
  } else {
    const { summary } = await world.unload();
    assert.equal(summary.outcome, 'succeeded');
  }
}

/** Content, permissions and time (to the microsecond) of every file. */
function facts(dir: string): Map<string, string> {
  const found = snapshot(dir);
  for (const [name, digest] of found) {
    if (name.endsWith('/')) continue;
    const { mode, mtimeNs } = lstatSync(join(dir, name), { bigint: true });
    found.set(name, `${digest} ${(Number(mode) & 0o777).toString(8)} ${mtimeNs / 1000n}`);
  }
  return found;
}

const PARITY = /^waybill\/parity\/00000[12]-[01]\.par$/;

/** Nothing lies on the device that no page names. */
function checkDevice({ deviceDir, label, jobKey }: VolumeWorld, kind: VolumeKind): void {
  const volume = openVolume({ deviceDir, label, jobKey });
  const pages = volume.pageNumbers();
  const six = (n: number) => String(n).padStart(6, '0');
  const expected = (['label.json', 'seal.bin', 'seal.cms'] as const).flatMap(homesOf);
  expected.push(...pages.map((n) => `waybill/catalog/${six(n)}.cat`));
  if (kind === 'sealed')
    expected.push(...pages.map((n) => `waybill/segments/000000/${six(n)}.seg`));
  else {
    expected.push('bagit.txt', 'bag-info.txt', 'manifest-sha256.txt', 'tagmanifest-sha256.txt');
    const { isLive } = liveRecords(volume, pages);
    for (const n of pages) {
      for (const record of volume.readPage(n).records) {
        if (isLive(n, record) && record.kind === 'file') expected.push(`data/${record.key}`);
      }
    }
  }
  const found = readdirSync(deviceDir, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(deviceDir.length + 1))
    .filter((path) => !PARITY.test(path));
  assert.deepEqual(found.sort(), expected.sort(), 'the device holds its volume and nothing else');
}

/** In memory where there is such a place: thousands of rounds with an fsync each are not what wears out a disk. */
const scratchDir = (): string => (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());

/** Runs each round in an empty directory that is removed afterwards. Failures name seed and round. */
export async function rounds(
  options: { seed: number; rounds: number; name: string },
  work: (round: { random: () => number; dir: string; seed: number }) => Promise<void>,
): Promise<void> {
  const top = mkdtempSync(join(scratchDir(), 'waybill-torture-'));
  try {
    for (let round = 0; round < options.rounds; round += 1) {
      const seed = options.seed * 1_000_003 + round;
      const dir = join(top, String(round));
      mkdirSync(dir);
      try {
        await work({ random: seeded(seed), dir, seed });
      } catch (error) {
        const about = `${options.name}, seed ${options.seed}, round ${round}`;
        throw new Error(`${about}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        });
      }
      rmSync(dir, { recursive: true, force: true });
    }
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}
