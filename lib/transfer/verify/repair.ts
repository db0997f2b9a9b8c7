import { closeSync, fsyncSync, ftruncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { DeviceFiles } from '../../files/device.ts';
import { onDevice } from '../../files/durable.ts';
import { writeAll } from '../../files/file-access.ts';
import { isSealed } from '../../volume/label.ts';
import { numberOf, pagePath, segmentPath } from '../../volume/layout.ts';
import { openVolume } from '../../volume/open-volume.ts';
import {
  encodeHead,
  encodeTail,
  headBytes,
  openShard,
  type ParityFile,
  type ParityHead,
  parityFileBytes,
  ROW_BYTES,
  readParityHeads,
  readRow,
  rowsOf,
  shardBytes,
} from '../../volume/parity/parity-file.ts';
import { GaloisSums, recoveryFactors } from '../../volume/parity/reed-solomon.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import { remakeParity } from '../parity/parity.ts';
import type { RunOptions } from '../progress/progress.ts';
import { typedErrors } from '../threads/typed-errors.ts';
import { restoreCopies } from './restore-copies.ts';
import { readSeal } from './seal.ts';
import { comparePages } from './sealed-pages.ts';
import { type VerifyResult, verifyVolume } from './verify.ts';
import type { KnownState } from './verify-seal.ts';

export interface RepairOptions extends VolumeSpec, RunOptions {
  /** The installation's CA, PEM: with it the seal says which pages are damaged. */
  caPem?: string | undefined;
  knownStates?: readonly KnownState[] | undefined;
}

export interface RepairResult {
  /** Files that were restored, relative to the device. */
  repaired: string[];
  /** Files with rows of which too much is lost. */
  lost: string[];
  /** What verification said at the end. */
  verified: VerifyResult;
}

/**
 * Restores what is damaged on a volume, in place: label and seal from their copies; pages, segments, and the parity itself
 * from the parity; what lies behind the end of a file is cut off. Only files that do not verify are written to, and
 * everything is verified again afterwards.
 * Recovery data of which sets are lost is made again when all else is whole. Throws VolumeNotVerified when something is damaged
 * and there is nothing to restore it from, DeviceReadOnly, DeviceIo.
 */
export function repairVolume(options: RepairOptions): Promise<RepairResult> {
  return typedErrors({ deviceDir: options.deviceDir }, () => repairAll(options));
}

async function repairAll(options: RepairOptions): Promise<RepairResult> {
  const { deviceDir, label, caPem } = options;
  const device = new DeviceFiles(deviceDir);
  const sets = [...readParityHeads(deviceDir, label.volumeId).values()];
  const found = { repaired: new Set<string>(), lost: new Set<string>() };
  if (caPem !== undefined)
    for (const path of restoreCopies({ ...options, caPem })) found.repaired.add(path);
  const repair = (damaged: Set<string>) => {
    for (const head of sets) repairSet(device, head, damaged, found);
  };
  repair(damagedPages(options, device, sets));
  let verified = await verifyVolume(options);
  if (verified.damaged > 0 && sets.length > 0) {
    repair(new Set(verified.damagedSegments.map(segmentPath)));
    verified = await verifyVolume(options);
  }
  if (verified.remarks.some(({ what }) => what === 'has bytes behind its end')) {
    for (const path of trimmed(options, verified)) found.repaired.add(path);
    verified = await verifyVolume(options);
  }
  if ((verified.recovery?.setsLost ?? 0) > 0 && isWholeButRecovery(verified)) {
    const made = await remakeParity(options, verified.recovery?.setsExpected ?? 0);
    for (const path of made) found.repaired.add(path);
    if (made.length > 0) verified = await verifyVolume(options);
  }
  if (sets.length === 0 && found.repaired.size === 0 && !verified.intact) {
    const detail = isWholeButRecovery(verified)
      ? 'only its recovery data is lost, and nothing tells how much there was; to make it again: waybill reopen, then waybill copy … --parity 5%'
      : 'the volume carries no recovery data that can be read';
    throw new WaybillError('VolumeNotVerified', { detail });
  }
  const lost = [...found.lost];
  const bad = new Set([...lost, ...stillBad(verified)]);
  return { repaired: [...found.repaired].filter((path) => !bad.has(path)), lost, verified };
}

/** Nothing is wrong but the recovery data. */
const isWholeButRecovery = ({ damaged, problems, sealState }: VerifyResult): boolean =>
  damaged === 0 &&
  sealState === 'sealed' &&
  problems.every(({ code }) => code === 'RecoveryDamaged');

/** Files in which rows were restored and that are not whole all the same. */
const stillBad = ({ recovery, damagedSegments }: VerifyResult): string[] => [
  ...(recovery?.damaged ?? []),
  ...damagedSegments.flatMap((number) => [segmentPath(number), pagePath(number)]),
];

/** Cuts off what lies behind the ends of pages and segments. Returns the paths. */
function trimmed(options: VolumeSpec, { remarks }: VerifyResult): string[] {
  const volume = openVolume(options);
  const numbers = new Set(
    remarks.flatMap(({ path, what }) => {
      const name = path.split('/').at(-1) ?? '';
      const number = numberOf(name, 'cat') ?? numberOf(name, 'seg');
      return what === 'has bytes behind its end' && number !== undefined ? [number] : [];
    }),
  );
  return [...numbers].flatMap((number) => volume.trim(number));
}

/** Pages that are not what the seal says, cannot be read, or that a set names and the device has not. */
function damagedPages(
  options: RepairOptions,
  device: DeviceFiles,
  sets: ParityHead[],
): Set<string> {
  const volume = openVolume(options);
  const { caPem } = options;
  const damaged = new Set<string>();
  if (caPem !== undefined && isSealed(options.deviceDir)) {
    const seal = readSeal({ ...options, caPem, known: undefined });
    for (const number of comparePages(volume, seal).damaged) damaged.add(pagePath(number));
    return damaged;
  }
  for (const number of volume.pageNumbers()) {
    try {
      for (const _ of volume.openPage(number).records);
    } catch (error) {
      if (!isWaybillError(error, 'PageDamaged')) throw error;
      damaged.add(pagePath(number));
    }
  }
  for (const { path } of sets.flatMap(({ data }) => data)) {
    if (path.endsWith('.cat') && !device.hasFile(path)) damaged.add(path);
  }
  return damaged;
}

/** How to get the lost shards of a row; the next row mostly needs the same. */
interface Recovery {
  present: number[];
  bad: number[];
  factors: number[][];
  sums: GaloisSums;
}

function recoveryOf(
  head: ParityHead,
  present: number[],
  bad: number[],
  last: Recovery | undefined,
): Recovery {
  const same = (a: number[] | undefined, b: number[]) => a?.join() === b.join();
  if (last && same(last.present, present) && same(last.bad, bad)) {
    last.sums.clear();
    return last;
  }
  const factors = recoveryFactors(head.data.length, present, bad);
  const sums = new GaloisSums(bad.length, Math.min(ROW_BYTES, shardBytes(head.data)));
  return { present, bad, factors, sums };
}

interface Shard {
  file: ParityFile;
  /** Where its rows begin in the file. */
  from: number;
  fd: number | undefined;
  /** Whether it may be written to. */
  damaged: boolean;
}

function repairSet(
  device: DeviceFiles,
  head: ParityHead,
  damaged: Set<string>,
  found: { repaired: Set<string>; lost: Set<string> },
): void {
  const from = headBytes(head);
  const open = (file: ParityFile) => openShard(device, file.path);
  const shards: Shard[] = [
    ...head.data.map((file) => ({
      file,
      from: 0,
      fd: open(file),
      damaged: damaged.has(file.path),
    })),
    ...head.parity.map((file) => ({ file, from, fd: open(file), damaged: true })),
  ];
  try {
    let last: Recovery | undefined;
    const buffer = Buffer.allocUnsafeSlow(ROW_BYTES);
    for (let row = 0; row < rowsOf(shardBytes(head.data)); row += 1) {
      last = repairRow(device, head, { shards, row, last, buffer }, found) ?? last;
    }
    finishFiles(device, head, shards, found.repaired);
  } finally {
    for (const { fd } of shards) if (fd !== undefined) closeSync(fd);
  }
}

const rowLength = ({ bytes }: ParityFile, row: number): number =>
  Math.max(0, Math.min(ROW_BYTES, bytes - row * ROW_BYTES));

function repairRow(
  device: DeviceFiles,
  head: ParityHead,
  on: { shards: Shard[]; row: number; last: Recovery | undefined; buffer: Buffer },
  found: { repaired: Set<string>; lost: Set<string> },
): Recovery | undefined {
  const { shards, row, last, buffer } = on;
  const isGood = ({ file, from, fd }: Shard) => {
    const length = rowLength(file, row);
    if (length === 0) return true;
    const bytes = buffer.subarray(0, length);
    if (fd === undefined || !readRow(fd, bytes, from + row * ROW_BYTES)) return false;
    return crc32(bytes) === file.rows[row];
  };
  const good = shards.map(isGood);
  const bad = shards.map((_, i) => i).filter((i) => !good[i]);
  if (bad.length === 0) return undefined;
  const k = head.data.length;
  const present = shards
    .map((_, i) => i)
    .filter((i) => good[i])
    .slice(0, k);
  if (present.length < k) {
    for (const i of bad) if (i < k) found.lost.add(shards[i]?.file.path ?? '');
    return undefined;
  }
  const recovery = recoveryOf(head, present, bad, last);
  const { factors, sums } = recovery;
  for (const [position, i] of present.entries()) {
    const { file, from, fd } = shards[i] as Shard;
    const length = rowLength(file, row);
    if (length === 0 || fd === undefined) continue;
    readRow(fd, sums.source.subarray(0, length), from + row * ROW_BYTES);
    for (const at of bad.keys()) sums.add(at, factors[at]?.[position] ?? 0, length);
  }
  for (const [at, i] of bad.entries()) {
    const shard = shards[i] as Shard;
    const bytes = sums.sums[at]?.subarray(0, rowLength(shard.file, row)) ?? Buffer.alloc(0);
    // A file that verifies is right, whatever a set says of it.
    if (!shard.damaged || crc32(bytes) !== shard.file.rows[row]) continue;
    writeRow(device, shard, row, bytes);
    found.repaired.add(shard.file.path);
  }
  return recovery;
}

function writeRow(device: DeviceFiles, shard: Shard, row: number, bytes: Buffer): void {
  const { path, bytes: fileBytes } = shard.file;
  if (shard.fd === undefined) {
    // What is no regular file is a missing one.
    device.unpublish(path);
    device.makeFolder(dirname(path));
    closeSync(device.create(path));
    shard.fd = openShard(device, path);
  }
  change(device, { path, bytes: shard.from + fileBytes }, (fd) =>
    writeAll(fd, bytes, shard.from + row * ROW_BYTES),
  );
}

/** Changes bytes of a file, which is `bytes` long when it is whole, in place. */
function change(
  device: DeviceFiles,
  { path, bytes }: { path: string; bytes: number },
  work: (fd: number) => void,
): void {
  const fd = device.openToChange(path, bytes);
  if (fd === undefined) throw new WaybillError('DeviceIo', { detail: `${path} is gone` });
  try {
    onDevice(device.root, () => work(fd));
  } finally {
    closeSync(fd);
  }
}

/** Gives restored files their length, and parity files their heads, and makes all of it durable. */
function finishFiles(
  device: DeviceFiles,
  head: ParityHead,
  shards: Shard[],
  repaired: Set<string>,
): void {
  const start = encodeHead(head);
  for (const { file, from, fd: opened } of shards) {
    const isParity = from > 0;
    const bytes = isParity ? parityFileBytes(head) : file.bytes;
    const isWrong = isParity && opened !== undefined && !hasHeads(opened, start, from + file.bytes);
    const isLonger = isParity && (device.entry(file.path)?.bytes ?? 0) > bytes;
    if (isWrong || isLonger) repaired.add(file.path);
    if (!repaired.has(file.path)) continue;
    change(device, { path: file.path, bytes }, (fd) => {
      if (isParity) {
        writeAll(fd, start, 0);
        writeAll(fd, encodeTail(start), from + file.bytes);
      }
      ftruncateSync(fd, bytes);
      fsyncSync(fd);
    });
    device.syncFolder(dirname(file.path));
  }
}

/** Whether a parity file begins and ends with its head. */
function hasHeads(fd: number, start: Buffer, tailAt: number): boolean {
  return [
    { expected: start, at: 0 },
    { expected: encodeTail(start), at: tailAt },
  ].every(({ expected, at }) => {
    const found = Buffer.alloc(expected.length);
    return readRow(fd, found, at) && found.equals(expected);
  });
}
