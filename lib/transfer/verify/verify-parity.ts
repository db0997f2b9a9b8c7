import { closeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { Stopped } from '../../domain/stopped.ts';
import { DeviceFiles } from '../../files/device.ts';
import { pagePath, segmentPath } from '../../volume/layout.ts';
import {
  encodeHead,
  encodeTail,
  openShard,
  type ParityFile,
  type ParityHead,
  parityFileBytes,
  ROW_BYTES,
  readParityHeads,
  readRow,
} from '../../volume/parity/parity-file.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import type { Problem } from '../progress/problem-log.ts';
import { type RunOptions, withProgress } from '../progress/progress.ts';
import { Control } from '../threads/control.ts';
import type { Remark } from './sealed-pages.ts';
import { problemOf } from './verify-seal.ts';

/** What the recovery data of a volume is worth. */
export interface RecoveryCheck {
  sets: number;
  /** Sets that the seal counts; 0 when it does not say. */
  setsExpected: number;
  /** Sets of which nothing can be read. */
  setsLost: number;
  /** Recovery files that are missing or not what they were. */
  damaged: string[];
  /** Pages and segments that no set protects: they came after it, which is no damage. */
  unprotected: number;
  /** Whether the volume's own files were compared with it, too. */
  isCompared: boolean;
  remarks: Remark[];
  problems: Problem[];
}

interface Expected {
  /** Numbers of the volume's pages. */
  pages: readonly number[];
  /** Sets that the seal counts; undefined when it does not say. */
  sets: number | undefined;
  /** Compare all rows: those of the volume's files as well. */
  full: boolean;
  /** What has been verified of the volume itself: the progress goes on from there. Its files are no objects. */
  verified: { objects: number; bytes: number; totals: { objects: number; bytes: number } };
}

/**
 * Checks recovery data as a repair would use it: heads and rows of every recovery file; with `full` the rows of the files
 * that it protects, too. Undefined when a volume has none and none is missed.
 */
export async function checkRecovery(
  options: VolumeSpec & RunOptions,
  expected: Expected,
): Promise<RecoveryCheck | undefined> {
  const { deviceDir, label } = options;
  if (label.kind === 'bag') return undefined;
  const heads = [...readParityHeads(deviceDir, label.volumeId).values()];
  if (heads.length === 0 && (expected.sets ?? 0) === 0) return undefined;
  const { verified } = expected;
  const control = new Control();
  control.add('objects', verified.objects);
  control.add('bytes', verified.bytes);
  const files = heads.flatMap(({ data, parity }) => [...parity, ...(expected.full ? data : [])]);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const totals = { objects: verified.totals.objects, bytes: verified.totals.bytes + bytes };
  return withProgress({ phase: 'verify', control, totals }, options, () =>
    checkHeads(options, heads, expected, control),
  );
}

async function checkHeads(
  { deviceDir }: VolumeSpec,
  heads: readonly ParityHead[],
  expected: Expected,
  control: Control,
): Promise<RecoveryCheck> {
  const device = new DeviceFiles(deviceDir);
  const setsLost = Math.max(0, (expected.sets ?? 0) - heads.length);
  const damaged = new Set<string>();
  const differing = new Set<string>();
  const remarks: Remark[] = [];
  for (const head of heads) {
    for (const { path } of head.parity) {
      const bytes = parityFileBytes(head);
      if ((device.entry(path)?.bytes ?? 0) > bytes)
        remarks.push({ path, what: 'has bytes behind its end' });
    }
    for (const file of head.parity)
      if (!(await isWhole(device, head, file, control))) damaged.add(file.path);
    for (const file of expected.full ? head.data : []) {
      if (!(await hasRows(device, file, 0, control))) differing.add(file.path);
    }
  }
  const names = new Set(heads.flatMap(({ data }) => data.map(({ path }) => path)));
  const wanted = expected.pages.flatMap((number) => [pagePath(number), segmentPath(number)]);
  const unprotected = wanted.filter((path) => !names.has(path)).length;
  const setsExpected = expected.sets ?? 0;
  const found = { sets: heads.length, setsExpected, setsLost, damaged: [...damaged], unprotected };
  const problems = problemsOf(found, differing);
  return { ...found, isCompared: expected.full, remarks, problems };
}

function problemsOf(
  { setsLost, damaged }: Pick<RecoveryCheck, 'setsLost' | 'damaged'>,
  differing: ReadonlySet<string>,
): Problem[] {
  const details = [
    ...(setsLost > 0 ? [`${setsLost} of its sets are lost`] : []),
    ...damaged.map((path) => `${path} is missing or damaged`),
    ...[...differing].map((path) => `${path} is not what it was made from`),
  ];
  return details.map((detail) => problemOf('RecoveryDamaged', { detail }));
}

/** Whether a recovery file begins and ends with the head of its set, and every row between is what that says. */
async function isWhole(
  device: DeviceFiles,
  head: ParityHead,
  file: ParityFile,
  control: Control,
): Promise<boolean> {
  const start = encodeHead(head);
  return (
    (await hasBytes(device, file.path, start, 0)) &&
    (await hasBytes(device, file.path, encodeTail(start), start.length + file.bytes)) &&
    hasRows(device, file, start.length, control)
  );
}

const hasBytes = (device: DeviceFiles, path: string, expected: Buffer, at: number) =>
  withShard(device, path, async (fd) => {
    const found = Buffer.alloc(expected.length);
    return readRow(fd, found, at) && found.equals(expected);
  });

let rowBuffer: Buffer | undefined;

/** Goes through the rows of a file; between them the process can be stopped, and progress is told. */
const hasRows = (
  device: DeviceFiles,
  { path, bytes, rows }: ParityFile,
  from: number,
  control: Control,
) =>
  withShard(device, path, async (fd) => {
    rowBuffer ??= Buffer.allocUnsafeSlow(ROW_BYTES);
    for (const [row, expected] of rows.entries()) {
      if (control.stopped) throw new Stopped();
      const at = row * ROW_BYTES;
      const piece = rowBuffer.subarray(0, Math.min(ROW_BYTES, bytes - at));
      if (!readRow(fd, piece, from + at) || crc32(piece) !== expected) return false;
      control.add('bytes', piece.length);
      await new Promise(setImmediate);
    }
    return true;
  });

async function withShard(
  device: DeviceFiles,
  path: string,
  work: (fd: number) => Promise<boolean>,
): Promise<boolean> {
  const fd = openShard(device, path);
  if (fd === undefined) return false;
  try {
    return await work(fd);
  } finally {
    closeSync(fd);
  }
}
