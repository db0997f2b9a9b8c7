import { closeSync, fsyncSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { WaybillError } from '../../domain/errors.ts';
import { Stopped } from '../../domain/stopped.ts';
import { DeviceFiles } from '../../files/device.ts';
import { onDevice, temporaryOf } from '../../files/durable.ts';
import { writeAll } from '../../files/file-access.ts';
import { parityPath } from '../../volume/layout.ts';
import {
  encodeHead,
  encodeTail,
  openShard,
  type ParityHead,
  ROW_BYTES,
  readRow,
  rowsOf,
  shardBytes,
} from '../../volume/parity/parity-file.ts';
import { coefficient, GaloisSums } from '../../volume/parity/reed-solomon.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import type { Control } from '../threads/control.ts';
import type { Task, TaskKind } from '../threads/task.ts';

/** One job: a set whose parity is to be written. */
export interface ParityJob {
  set: number;
  files: { path: string; bytes: number }[];
  shards: number;
}

export const PARITY_TASK: TaskKind<VolumeSpec, ParityJob, void, never> = {
  name: 'parity',
  make: parityTask,
};

/** Writes the parity files of one set after another. */
function parityTask({ deviceDir, label }: VolumeSpec, control: Control): Task<ParityJob, void> {
  return {
    handle: async ({ set, files, shards }) => {
      const bytes = shardBytes(files);
      const empty = (path: string, size: number) => ({
        path,
        bytes: size,
        rows: new Array<number>(rowsOf(size)).fill(0),
      });
      const head: ParityHead = {
        volumeId: label.volumeId,
        set,
        data: files.map((file) => empty(file.path, file.bytes)),
        parity: Array.from({ length: shards }, (_, i) => empty(parityPath(set, i), bytes)),
      };
      try {
        onDevice(deviceDir, () => writeSet(new DeviceFiles(deviceDir), head, control));
      } catch (error) {
        if (!(error instanceof Stopped)) throw error;
      }
    },
    finish: async () => undefined,
  };
}

function writeSet(device: DeviceFiles, head: ParityHead, control: Control): void {
  const inputs = head.data.map(({ path }) => {
    const fd = openShard(device, path);
    if (fd === undefined) throw new WaybillError('VolumeInvalid', { detail: `${path} is missing` });
    return fd;
  });
  const paths = head.parity.map(({ path }) => path);
  const outputs = paths.map((path) => device.createTemporary(path));
  try {
    const rowsAt = encodeHead(head).length;
    writeRows(head, inputs, outputs, rowsAt, control);
    const done = encodeHead(head);
    const bytes = shardBytes(head.data);
    for (const fd of outputs) {
      writeAll(fd, done, 0);
      writeAll(fd, encodeTail(done), rowsAt + bytes);
      fsyncSync(fd);
    }
  } catch (error) {
    for (const path of paths) device.remove(temporaryOf(path));
    throw error;
  } finally {
    for (const fd of [...inputs, ...outputs]) closeSync(fd);
  }
  for (const path of paths) device.publishTemporary(path);
}

/** Goes through the rows, and notes the checksum of each in the head. */
function writeRows(
  head: ParityHead,
  inputs: number[],
  outputs: number[],
  rowsAt: number,
  control: Control,
): void {
  const bytes = shardBytes(head.data);
  const sums = new GaloisSums(outputs.length, Math.min(ROW_BYTES, bytes));
  for (let row = 0; row < rowsOf(bytes); row += 1) {
    if (control.stopped) throw new Stopped();
    sums.clear();
    const from = row * ROW_BYTES;
    for (const [column, file] of head.data.entries()) {
      const length = Math.min(ROW_BYTES, file.bytes - from);
      if (length <= 0) continue;
      const source = sums.source.subarray(0, length);
      if (!readRow(inputs[column] ?? -1, source, from)) {
        throw new WaybillError('DeviceIo', { detail: `${file.path} cannot be read` });
      }
      file.rows[row] = crc32(source);
      for (const i of outputs.keys()) sums.add(i, coefficient(i, column), length);
      control.add('bytes', length);
    }
    const length = Math.min(ROW_BYTES, bytes - from);
    for (const [i, sum] of sums.sums.entries()) {
      const parity = sum.subarray(0, length);
      const file = head.parity[i];
      if (file) file.rows[row] = crc32(parity);
      writeAll(outputs[i] ?? -1, parity, rowsAt + from);
    }
  }
}
