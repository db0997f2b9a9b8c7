import { closeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { WaybillError } from '../../domain/errors.ts';
import { Stopped } from '../../domain/stopped.ts';
import { DeviceFiles } from '../../files/device.ts';
import { PARITY_DIR, pagePath, segmentPath } from '../../volume/layout.ts';
import { openVolume } from '../../volume/open-volume.ts';
import {
  openShard,
  type ParityHead,
  parityFileBytes,
  ROW_BYTES,
  readParityHeads,
  readRow,
  shardBytes,
} from '../../volume/parity/parity-file.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import { type RunOptions, withProgress } from '../progress/progress.ts';
import { Control } from '../threads/control.ts';
import { Pool } from '../threads/pool.ts';
import { typedErrors } from '../threads/typed-errors.ts';
import { PARITY_TASK, type ParityJob } from './parity-task.ts';

/** Two shards a set, as long as a set is large enough for the percentage to allow it. */
const SHARDS = 2;
const DATA_SHARDS_MAX = 253;

export interface ParityResult {
  sets: number;
  /** Bytes of the parity files on the device. */
  bytes: number;
}

/** The percentage of recovery data that a person may ask for. Throws Usage. */
export function parityPercent(text: string): number {
  const percent = Number(/^(\d+(\.\d+)?)%?$/.exec(text.trim())?.[1]);
  if (percent >= 1 && percent <= 100) return percent;
  throw new WaybillError('Usage', { detail: 'parity is given in percent, from 1% to 100%' });
}

/** Bytes that the parity of so many bytes takes at most: a volume has at least one shard, as long as a segment. */
export function parityBytes(bytes: number, percent: number, segmentBytesMax: number): number {
  const shard = Math.min(bytes, segmentBytesMax);
  return Math.ceil((bytes * percent) / 100) + SHARDS * shard;
}

/**
 * Writes recovery data for a sealed volume whose load has finished: parity files from which damaged or lost
 * segments and pages can be restored. Sets that are up to date stay. Throws Usage for a bag, DeviceFull, DeviceIo.
 */
export function writeParity(
  options: VolumeSpec & RunOptions & { percent: number },
): Promise<ParityResult> {
  return typedErrors({ deviceDir: options.deviceDir }, () => writeAllSets(options));
}

async function writeAllSets(
  options: VolumeSpec & RunOptions & { percent: number },
): Promise<ParityResult> {
  const { deviceDir, label, jobKey, percent } = options;
  if (label.kind === 'bag') {
    const detail = 'parity is for encrypted volumes; a bag can be protected with par2';
    throw new WaybillError('Usage', { detail });
  }
  const jobs = plan(options, percent);
  const device = new DeviceFiles(deviceDir);
  // Whatever else has the name of their folder gives way to it.
  if (device.entry(PARITY_DIR)?.kind !== 'folder') device.unpublish(PARITY_DIR);
  device.makeFolder(PARITY_DIR);
  const heads = readParityHeads(deviceDir, label.volumeId);
  const missing = jobs.filter((job) => !isCurrent(device, heads.get(job.set), job));
  removeOthers(device, jobs, missing);
  const bytes = missing.reduce((sum, { files }) => sum + total(files), 0);
  const control = new Control();
  // Recovery files are no objects of the volume.
  const totals = { objects: 0, bytes };
  const setup = { deviceDir, label, jobKey };
  const { workers } = options;
  await withProgress({ phase: 'parity', control, totals }, options, () =>
    new Pool({ kind: PARITY_TASK, setup, control, workers }).run({ jobs: missing }),
  );
  if (control.stopped) throw new Stopped();
  const size = jobs.reduce((sum, { files, shards }) => sum + shards * shardBytes(files), 0);
  return { sets: jobs.length, bytes: size };
}

/**
 * Makes lost sets of a sealed volume again, whose data has to be whole. How much recovery data there was, the sets that are
 * left say; without any nobody can say. Returns the paths of the files of new sets.
 */
export async function remakeParity(
  options: VolumeSpec & RunOptions,
  setsExpected: number,
): Promise<string[]> {
  const { deviceDir, label } = options;
  const device = new DeviceFiles(deviceDir);
  const heads = readParityHeads(deviceDir, label.volumeId);
  if (heads.size === 0 || heads.size >= setsExpected) return [];
  for (let percent = 1; percent <= 100; percent += 1) {
    const jobs = plan(options, percent);
    const isThis = (job: ParityJob) => isCurrent(device, heads.get(job.set), job);
    const kept = jobs.filter(isThis).length;
    if (jobs.length !== setsExpected || kept !== heads.size) continue;
    await writeAllSets({ ...options, percent });
    const made = readParityHeads(deviceDir, label.volumeId);
    return [...made].flatMap(([set, { parity }]) =>
      heads.has(set) ? [] : parity.map(({ path }) => path),
    );
  }
  return [];
}

const total = (files: { bytes: number }[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0);

/** Segments in sets of their own, pages in others: shards of a set are as long as its longest file. */
function plan(options: VolumeSpec, percent: number): ParityJob[] {
  const numbers = openVolume(options).pageNumbers();
  const device = new DeviceFiles(options.deviceDir);
  const jobs: ParityJob[] = [];
  for (const pathOf of [segmentPath, pagePath]) {
    const files = numbers.map((number) => {
      const path = pathOf(number);
      return { path, bytes: device.entry(path)?.bytes ?? 0 };
    });
    const most = Math.min(DATA_SHARDS_MAX, Math.max(SHARDS, Math.round((SHARDS * 100) / percent)));
    const sets = Math.ceil(files.length / most);
    for (let i = 0; i < sets; i += 1) {
      const from = Math.floor((i * files.length) / sets);
      const some = files.slice(from, Math.floor(((i + 1) * files.length) / sets));
      const wanted = Math.ceil((some.length * percent) / 100);
      const shards = Math.min(SHARDS, Math.max(1, wanted));
      jobs.push({ set: jobs.length + 1, files: some, shards });
    }
  }
  return jobs;
}

/** Whether a set's files are those of the plan. Segments never change, and their first rows hold their salts. */
function isCurrent(device: DeviceFiles, head: ParityHead | undefined, job: ParityJob): boolean {
  if (!head || head.data.length !== job.files.length || head.parity.length !== job.shards)
    return false;
  return (
    head.parity.every(({ path }) => device.entry(path)?.bytes === parityFileBytes(head)) &&
    head.data.every((file, i) => {
      const { path, bytes } = job.files[i] ?? { path: '', bytes: 0 };
      return (
        file.path === path && file.bytes === bytes && firstRow(device, path, bytes) === file.rows[0]
      );
    })
  );
}

function firstRow(device: DeviceFiles, path: string, bytes: number): number | undefined {
  const fd = openShard(device, path);
  if (fd === undefined) return undefined;
  try {
    const row = Buffer.allocUnsafe(Math.min(ROW_BYTES, bytes));
    return readRow(fd, row, 0) ? crc32(row) : undefined;
  } finally {
    closeSync(fd);
  }
}

/** Removes parity of an earlier state of the volume. */
function removeOthers(device: DeviceFiles, jobs: ParityJob[], missing: ParityJob[]): void {
  const kept = new Set(jobs.filter((job) => !missing.includes(job)).map(({ set }) => set));
  for (const name of device.names(PARITY_DIR, () => true)) {
    const set = Number(/^(\d{6,9})-\d+\.par$/.exec(name)?.[1] ?? 0);
    if (!kept.has(set)) device.remove(`${PARITY_DIR}/${name}`);
  }
}
