import { closeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { DeviceFiles } from '../files/device.ts';
import { pagePath, segmentPath } from '../volume/layout.ts';
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
} from '../volume/parity-file.ts';
import type { VolumeSpec } from '../volume/volume.ts';
import type { Problem } from './problem-log.ts';
import type { Remark } from './sealed-pages.ts';
import { problemOf } from './verify-seal.ts';

/** What the recovery data of a volume is worth. */
export interface RecoveryCheck {
  sets: number;
  /** Sets of which nothing can be read. */
  setsLost: number;
  /** Recovery files that are missing or not what they were. */
  damaged: string[];
  /** Pages and segments that no set protects. */
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
  stopped?: () => boolean;
}

/**
 * Checks recovery data as a repair would use it: heads and rows of every recovery file; with `full` the rows of the files
 * that it protects, too. Undefined when a volume has none and none is missed.
 */
export function checkRecovery(
  { deviceDir, label }: VolumeSpec,
  expected: Expected,
): RecoveryCheck | undefined {
  if (label.kind === 'bag') return undefined;
  const device = new DeviceFiles(deviceDir);
  const heads = [...readParityHeads(deviceDir, label.volumeId).values()];
  const setsLost = Math.max(0, (expected.sets ?? 0) - heads.length);
  if (heads.length === 0 && setsLost === 0) return undefined;
  const damaged = new Set<string>();
  const differing = new Set<string>();
  const remarks: Remark[] = [];
  for (const head of heads) {
    for (const { path } of head.parity) {
      const bytes = parityFileBytes(head);
      if ((device.entry(path)?.bytes ?? 0) > bytes)
        remarks.push({ path, what: 'has bytes behind its end' });
    }
    for (const file of head.parity) if (!isWhole(device, head, file)) damaged.add(file.path);
    for (const file of expected.full ? head.data : []) {
      if (expected.stopped?.()) break;
      if (!hasRows(device, file, 0)) differing.add(file.path);
    }
  }
  const names = new Set(heads.flatMap(({ data }) => data.map(({ path }) => path)));
  const wanted = expected.pages.flatMap((number) => [pagePath(number), segmentPath(number)]);
  const unprotected = wanted.filter((path) => !names.has(path)).length;
  const found = { sets: heads.length, setsLost, damaged: [...damaged], unprotected };
  const problems = problemsOf(found, differing);
  return { ...found, isCompared: expected.full, remarks, problems };
}

function problemsOf(
  { setsLost, damaged, unprotected }: Pick<RecoveryCheck, 'setsLost' | 'damaged' | 'unprotected'>,
  differing: ReadonlySet<string>,
): Problem[] {
  const details = [
    ...(setsLost > 0 ? [`${setsLost} of its sets are lost`] : []),
    ...damaged.map((path) => `${path} is missing or damaged`),
    ...(unprotected > 0 ? [`${unprotected} files of the volume are in no set`] : []),
    ...[...differing].map((path) => `${path} is not what it was made from`),
  ];
  return details.map((detail) => problemOf('RecoveryDamaged', { detail }));
}

/** Whether a recovery file begins and ends with the head of its set, and every row between is what that says. */
function isWhole(device: DeviceFiles, head: ParityHead, file: ParityFile): boolean {
  const start = encodeHead(head);
  return (
    hasBytes(device, file.path, start, 0) &&
    hasBytes(device, file.path, encodeTail(start), start.length + file.bytes) &&
    hasRows(device, file, start.length)
  );
}

function hasBytes(device: DeviceFiles, path: string, expected: Buffer, at: number): boolean {
  return withShard(device, path, (fd) => {
    const found = Buffer.alloc(expected.length);
    return readRow(fd, found, at) && found.equals(expected);
  });
}

let rowBuffer: Buffer | undefined;

function hasRows(device: DeviceFiles, { path, bytes, rows }: ParityFile, from: number): boolean {
  return withShard(device, path, (fd) => {
    rowBuffer ??= Buffer.allocUnsafeSlow(ROW_BYTES);
    const buffer = rowBuffer;
    return rows.every((expected, row) => {
      const at = row * ROW_BYTES;
      const piece = buffer.subarray(0, Math.min(ROW_BYTES, bytes - at));
      return readRow(fd, piece, from + at) && crc32(piece) === expected;
    });
  });
}

function withShard(device: DeviceFiles, path: string, work: (fd: number) => boolean): boolean {
  const fd = openShard(device, path);
  if (fd === undefined) return false;
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}
