import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isWaybillError, WaybillError } from '../domain/errors.ts';
import { DeviceFiles } from '../files/device.ts';
import { errnoOf } from '../files/errno.ts';
import { LOCK_PATH, VOLUME_DIR } from './layout.ts';

/**
 * Who may work on a device. The lock is a file that appears whole or not at all. What comes after a lock, its release or
 * its taking over, needs a second file, named after the lock's token, that only one can make: so only one successor can
 * follow a lock, and nobody removes a lock that is not the one that was looked at.
 */

/** Held while an agent works on a device. */
export interface DeviceLock {
  /** Gives the device free; a lock that somebody has taken over stays theirs. */
  release(): void;
}

export interface LockOptions {
  /** Take over a lock whose holder cannot be asked: of another host, or unreadable. */
  takeOver?: boolean | undefined;
  /** The work only reads: a device that cannot be written to, or is full, needs no lock file. */
  readOnly?: boolean | undefined;
}

interface Holder {
  pid: number;
  host: string;
  /** Start of the process in clock ticks since boot (Linux), so that a reused pid is not taken for the holder. */
  startedTicks: string;
  bootId: string;
}

/** A lock file, or the file of what comes after one. */
interface Lock {
  /** No two locks have the same. */
  token: string;
  /** Undefined when the file does not say: nobody is known to hold it. */
  holder: Holder | undefined;
}

const ATTEMPTS = 20;
const LOCK_BYTES_MAX = 1000;
/** Successors in a row that died before they were done. */
const CHAIN_MAX = 100;
/** How long a lock may take to be written where it is not placed whole, in looks of 20 ms. */
const LOOKS_MAX = 50;

/**
 * Takes the device for this process. A lock whose process is gone on this host is taken over; one of another
 * host only with `takeOver`, because that host cannot be asked. Throws DeviceLocked, DeviceHostile, DeviceReadOnly, DeviceIo.
 */
export function lockDevice(deviceDir: string, options: LockOptions = {}): DeviceLock {
  const device = new DeviceFiles(deviceDir);
  const own = { token: randomUUID(), holder: thisProcess() };
  try {
    if (!options.readOnly) device.makeFolder(VOLUME_DIR);
    // What cannot be a volume needs no lock to be read.
    else if (!device.entry(VOLUME_DIR)) return { release: () => undefined };
    acquire(device, own, options.takeOver ?? false);
  } catch (error) {
    if (!options.readOnly || !isWaybillError(error, 'DeviceReadOnly', 'DeviceFull')) throw error;
    requireNobody(device, options.takeOver ?? false);
    return { release: () => undefined };
  }
  return { release: () => release(device, own) };
}

function acquire(device: DeviceFiles, own: Lock, takeOver: boolean): void {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (device.place(LOCK_PATH, textOf(own))) return;
    // No lock of anybody's: what a link or a pipe is, is found below.
    device.removeFolder(LOCK_PATH);
    const chain = readChain(device);
    const last = chain.at(-1);
    if (!last) continue;
    if (last.holder && isAlive(last.holder) && !takeOver) throw lockedBy(last);
    if (succeed(device, chain, own)) return;
  }
  throw new WaybillError('DeviceLocked', { holder: 'one that starts at the same time' });
}

/** Becomes the one that follows on the last of a chain. False when another was faster. */
function succeed(device: DeviceFiles, chain: Lock[], own: Lock): boolean {
  const last = chain.at(-1);
  if (!last || !device.place(afterPath(last), textOf(own))) return false;
  const tokens = [...chain, own].map(({ token }) => token).join();
  // Since the chain was read somebody may have followed on it and been done with it.
  if (
    readChain(device)
      .map(({ token }) => token)
      .join() !== tokens
  ) {
    removeAfter(device, last, own);
    return false;
  }
  try {
    device.rename(afterPath(last), LOCK_PATH.slice(VOLUME_DIR.length + 1));
  } catch (error) {
    if (isWaybillError(error, 'DeviceIo')) return false;
    throw error;
  }
  if (readLock(device, LOCK_PATH)?.token !== own.token) return false;
  for (const lock of chain.slice(0, -1)) device.remove(afterPath(lock));
  return true;
}

/** Nothing here may hide what went wrong with the work before it. */
function release(device: DeviceFiles, own: Lock): void {
  try {
    if (readLock(device, LOCK_PATH)?.token !== own.token) return;
    const giving: Lock = { token: randomUUID(), holder: own.holder };
    if (!device.place(afterPath(own), textOf(giving))) return;
    if (readLock(device, LOCK_PATH)?.token === own.token) device.remove(LOCK_PATH);
    removeAfter(device, own, giving);
  } catch (error) {
    // A device that is gone or full keeps its lock, which is found to be nobody's.
    if (!isWaybillError(error)) throw error;
  }
}

function removeAfter(device: DeviceFiles, lock: Lock, own: Lock): void {
  if (readLock(device, afterPath(lock))?.token === own.token) device.remove(afterPath(lock));
}

/** Throws DeviceLocked when somebody who can be asked holds the device. Writes nothing. */
function requireNobody(device: DeviceFiles, takeOver: boolean): void {
  const last = readChain(device).at(-1);
  const isHere = last?.holder?.host === hostname();
  if (last?.holder && isHere && isAlive(last.holder) && !takeOver) throw lockedBy(last);
}

const lockedBy = ({ holder }: Lock): WaybillError =>
  new WaybillError('DeviceLocked', {
    holder: holder ? `process ${holder.pid} on ${holder.host}` : 'unknown',
  });

/** A temporary name: whoever holds the device may remove what is left of it. */
const afterPath = ({ token }: Lock): string => `${VOLUME_DIR}/.tmp-lock-after-${token}`;

const textOf = ({ token, holder }: Lock): string => JSON.stringify({ token, ...holder });

/** The lock, and what came after it, one after another. Empty when there is none. */
function readChain(device: DeviceFiles): Lock[] {
  const chain: Lock[] = [];
  let next = readLock(device, LOCK_PATH);
  while (next && chain.length < CHAIN_MAX) {
    const { token } = next;
    if (chain.some((lock) => lock.token === token)) break;
    chain.push(next);
    next = readLock(device, afterPath(next));
  }
  return chain;
}

/** Waits a little for one that is only being written. */
function readLock(device: DeviceFiles, path: string): Lock | undefined {
  for (let looks = 0; ; looks += 1) {
    const entry = device.entry(path);
    if (!entry) return undefined;
    // What is larger is no lock that is only being written.
    const isTooLarge = entry.bytes > LOCK_BYTES_MAX;
    const content = isTooLarge ? undefined : device.read(path, LOCK_BYTES_MAX);
    const lock = content && parseLock(content);
    if (lock) return lock;
    if (entry.kind !== 'file' || isTooLarge || looks === LOOKS_MAX)
      return { token: `unreadable-${digestOf(content ?? Buffer.alloc(0))}`, holder: undefined };
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
}

const TOKEN = /^[0-9a-f-]{36}$/;
const digestOf = (content: Buffer): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 32);

function parseLock(content: Buffer): Lock | undefined {
  try {
    const value = JSON.parse(content.toString('utf8')) as Partial<Holder & Lock>;
    if (typeof value.pid !== 'number' || typeof value.host !== 'string') return undefined;
    const holder = {
      pid: value.pid,
      host: value.host.slice(0, 100),
      startedTicks: String(value.startedTicks ?? ''),
      bootId: String(value.bootId ?? ''),
    };
    // Agents before had locks without a token.
    const isToken = typeof value.token === 'string' && TOKEN.test(value.token);
    return { token: isToken ? String(value.token) : `old-${digestOf(content)}`, holder };
  } catch {
    return undefined;
  }
}

function thisProcess(): Holder {
  return {
    pid: process.pid,
    host: hostname(),
    startedTicks: ticksOf(process.pid),
    bootId: bootId(),
  };
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
