import { closeSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { WaybillError } from '../domain/errors.ts';
import { readBounded } from '../files/bounded-read.ts';
import { makeDir, onDevice } from '../files/durable.ts';
import { errnoOf } from '../files/errno.ts';
import { writeAll } from '../files/file-access.ts';
import { LOCK_PATH, VOLUME_DIR } from './layout.ts';

/** Held while an agent works on a device. */
export interface DeviceLock {
  release(): void;
}

interface Holder {
  pid: number;
  host: string;
  /** Start of the process in clock ticks since boot (Linux), so that a reused pid is not taken for the holder. */
  startedTicks: string;
  bootId: string;
}

/**
 * Takes the device for this process. A lock whose process is gone on this host is taken over; one of another
 * host only with `takeOver`, because that host cannot be asked. Throws DeviceLocked, DeviceReadOnly, DeviceIo.
 */
export function lockDevice(deviceDir: string, options: { takeOver?: boolean } = {}): DeviceLock {
  const path = join(deviceDir, LOCK_PATH);
  return onDevice(deviceDir, () => {
    makeDir(deviceDir, VOLUME_DIR);
    for (let attempt = 0; ; attempt += 1) {
      try {
        const fd = openSync(path, 'wx', 0o644);
        writeAll(fd, Buffer.from(JSON.stringify(thisProcess())));
        closeSync(fd);
        return { release: () => unlinkIfThere(path) };
      } catch (error) {
        if (errnoOf(error) !== 'EEXIST') throw error;
      }
      const holder = readHolder(path);
      if (attempt > 0 || (holder && isAlive(holder) && !options.takeOver)) {
        const who = holder ? `process ${holder.pid} on ${holder.host}` : 'unknown';
        throw new WaybillError('DeviceLocked', { holder: who });
      }
      unlinkIfThere(path);
    }
  });
}

function thisProcess(): Holder {
  return {
    pid: process.pid,
    host: hostname(),
    startedTicks: ticksOf(process.pid),
    bootId: bootId(),
  };
}

function readHolder(path: string): Holder | undefined {
  try {
    const value = JSON.parse(readBounded(path, 1000) ?? '') as Partial<Holder>;
    if (typeof value.pid !== 'number' || typeof value.host !== 'string') return undefined;
    return {
      pid: value.pid,
      host: value.host.slice(0, 100),
      startedTicks: String(value.startedTicks ?? ''),
      bootId: String(value.bootId ?? ''),
    };
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  if (holder.bootId !== bootId()) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return false;
  }
  return ticksOf(holder.pid) === holder.startedTicks;
}

function ticksOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
