import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WaybillError } from '../../lib/domain/errors.ts';
import { OPERATION_RULES, type OperationNews } from '../../lib/domain/operations.ts';
import { tempDir } from '../../lib/testing/temp.ts';
import type { TransferEvent } from '../../lib/transfer/progress/progress.ts';
import { type Attempt, type OperationHost, operate, readNews } from './operation.ts';

/** A host that does not wait, and what it told. */
function host(): OperationHost & { news: OperationNews[]; waits: number[] } {
  const news: OperationNews[] = [];
  const waits: number[] = [];
  const wait = async (ms: number) => void waits.push(ms);
  const signal = new AbortController().signal;
  const nothing = () => undefined;
  const report = (one: OperationNews) => void news.push(one);
  return {
    stateDir: tempDir(),
    signal,
    onEvent: nothing,
    note: nothing,
    report,
    wait,
    news,
    waits,
  };
}

const io = new WaybillError('DeviceIo', { detail: 'EIO' });
const fine = { device: () => undefined, label: () => undefined };
const states = (news: OperationNews[]) => news.map((one) => `${one.operation} ${one.state}`);

describe('an operation', () => {
  test('that fails with what may pass is tried again, as often and as late as its row says', async () => {
    const on = host();
    const work = vi.fn(async () => Promise.reject(io));
    await expect(operate(['verify'], on, fine, work)).rejects.toBe(io);
    const { maximumRetries, retryDelayMs } = OPERATION_RULES.verify;
    expect(work).toHaveBeenCalledTimes(maximumRetries + 1);
    expect(on.waits).toEqual(Array.from({ length: maximumRetries }, () => retryDelayMs));
    expect(readNews(on.stateDir)).toMatchObject([
      { operation: 'verify', state: 'failed', attempt: maximumRetries + 1, code: 'DeviceIo' },
    ]);
  });

  test('goes on when it passes, from one operation to the next by the phases of the work', async () => {
    const on = host();
    let attempts = 0;
    const work = async ({ onEvent }: Attempt) => {
      attempts += 1;
      onEvent({ kind: 'phase', phase: 'scan' });
      if (attempts === 1) throw io;
      onEvent({ kind: 'phase', phase: 'copy' });
      return 'done';
    };
    const nothing = () => undefined;
    const checks = { ...fine, source: nothing, consent: nothing, unsealed: nothing };
    expect(await operate(['scan', 'load'], on, checks, work)).toBe('done');
    expect(states(on.news)).toEqual([
      ...['scan running', 'scan waiting', 'scan running', 'scan done'],
      ...['load running', 'load done'],
    ]);
    expect(on.news[1]).toMatchObject({ attempt: 1, retryAt: expect.stringMatching(/Z$/) });

    // The copy is started again: what was heard of it before is no news of this one.
    expect(states(readNews(on.stateDir))).toEqual(['scan done', 'load done']);
    const scanning = async ({ onEvent }: Attempt) => {
      onEvent({ kind: 'phase', phase: 'scan' });
      expect(states(readNews(on.stateDir))).toEqual(['scan running']);
    };
    await operate(['scan', 'load'], on, checks, scanning);
  });

  test('tells that the store gives again what it is asked at the first object, not while it lists or at the end', async () => {
    const accepts = vi.fn(async () => undefined);
    const store = { refuses: async () => undefined, accepts };
    const counts = { bytes: 0, totalObjects: 9, totalBytes: 9, skipped: 0, failed: 0 };
    const work = async ({ onEvent }: Attempt) => {
      const progress = (phase: 'scan' | 'copy', objects: number) => {
        const landed = phase === 'scan' ? undefined : { objects, bytesMax: 1 };
        onEvent({ kind: 'progress', phase, objects, landed, ...counts });
      };
      onEvent({ kind: 'phase', phase: 'scan' });
      progress('scan', 2);
      progress('scan', 9);
      expect(accepts).not.toHaveBeenCalled();
      onEvent({ kind: 'phase', phase: 'copy' });
      progress('copy', 0);
      progress('copy', 1);
      expect(accepts).toHaveBeenCalledTimes(1);
    };
    const nothing = () => undefined;
    const checks = {
      ...fine,
      source: nothing,
      store: nothing,
      consent: nothing,
      unsealed: nothing,
    };
    await operate(['scan', 'export'], { ...host(), store }, checks, work);
  });

  test('whose store has no room for a large object waits longer each time, until one as large has landed', async () => {
    const told: string[] = [];
    const store = {
      refuses: async () => void told.push('refuses'),
      accepts: async () => void told.push('accepts'),
    };
    const on = { ...host(), store };
    const full = (refusedBytes: number) =>
      new WaybillError('StoreFull', { detail: 'QuotaExceeded', refusedBytes });
    /** What lands in each attempt, at most so large, and what the store says in the end. */
    const attempts: [bytesMax: number | undefined, error: WaybillError | undefined][] = [
      [500, full(1000)],
      [999, full(1000)],
      [500, full(600)],
      [700, full(1000)],
      // Nothing landed: all was there already.
      [undefined, full(1000)],
      [1000, full(2000)],
      [1999, full(2000)],
      [2000, undefined],
    ];
    const work = async ({ onEvent }: Attempt) => {
      const [bytesMax, error] = attempts.shift() ?? [];
      const counts = { bytes: 0, totalObjects: 99, totalBytes: 9, skipped: 0, failed: 0 };
      for (const objects of [1, 2, 3]) {
        const landed = bytesMax === undefined ? { objects: 0, bytesMax: 0 } : { objects, bytesMax };
        onEvent({ kind: 'progress', phase: 'import', objects, landed, ...counts });
      }
      if (error) throw error;
    };
    await operate(['import'], on, { ...fine, store: () => undefined }, work);
    expect(on.waits).toEqual([5000, 10_000, 20_000, 30_000, 60_000, 5000, 10_000]);
    expect(told).toEqual([
      // Before anything was refused; then what was refused first, then what was refused after that.
      ...['accepts', 'refuses', 'refuses', 'refuses', 'refuses', 'refuses'],
      ...['accepts', 'refuses', 'refuses', 'accepts', 'accepts'],
    ]);
  });

  test('is not tried again for what will not pass', async () => {
    const work = vi.fn(async () => Promise.reject(new WaybillError('PageDamaged', { page: 1 })));
    await expect(operate(['verify'], host(), fine, work)).rejects.toMatchObject({
      code: 'PageDamaged',
    });
    expect(work).toHaveBeenCalledTimes(1);
  });

  test('whose precondition does not hold is refused at once, with the error that says so', async () => {
    const on = host();
    const work = vi.fn();
    const device = () => {
      throw new WaybillError('DeviceNotFound', { path: '/mnt', detail: 'ENOENT' });
    };
    await expect(operate(['verify'], on, { ...fine, device }, work)).rejects.toMatchObject({
      code: 'DeviceNotFound',
    });
    expect(work).not.toHaveBeenCalled();
    expect(on.news).toMatchObject([{ state: 'failed', waitingFor: 'device' }]);
  });

  test('waits for a precondition that held when it began: a device that was pulled', async () => {
    const on = host();
    let looks = 0;
    const device = () => {
      looks += 1;
      if (looks === 2 || looks === 3)
        throw new WaybillError('DeviceNotFound', { path: '/mnt', detail: 'ENOENT' });
    };
    let attempts = 0;
    const work = async () => {
      attempts += 1;
      if (attempts === 1) throw io;
      return attempts;
    };
    expect(await operate(['verify'], on, { ...fine, device }, work)).toBe(2);
    expect(on.news.map(({ state, waitingFor }) => waitingFor ?? state)).toEqual([
      ...['running', 'waiting', 'device', 'device', 'running', 'done'],
    ]);
  });

  test('of a signal that aborts ends', async () => {
    const on = host();
    const stop = new AbortController();
    const wait = async () => stop.abort();
    const work = async () => Promise.reject(io);
    await expect(
      operate(['verify'], { ...on, signal: stop.signal, wait }, fine, work),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('an attempt without progress', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const { attemptTimeoutMs } = OPERATION_RULES.verify;
  const progress = (bytes: number): TransferEvent => ({
    kind: 'progress',
    phase: 'verify',
    objects: 0,
    bytes,
    totalObjects: 0,
    totalBytes: 0,
    skipped: 0,
    failed: 0,
  });

  test('is stopped and tried again; one that moves is not', async () => {
    const on = host();
    let attempts = 0;
    const work = ({ signal, onEvent }: Attempt) =>
      new Promise((resolve, reject) => {
        attempts += 1;
        signal.addEventListener('abort', () => reject(signal.reason));
        if (attempts === 1) return;
        const half = attemptTimeoutMs / 2;
        for (const n of [1, 2, 3]) setTimeout(() => onEvent(progress(n)), n * half);
        setTimeout(() => resolve('done'), 4 * half);
      });
    const running = operate(['verify'], on, fine, work);
    await vi.advanceTimersByTimeAsync(attemptTimeoutMs);
    expect(on.news.at(-2)).toMatchObject({ state: 'waiting', code: 'OperationStalled' });
    await vi.advanceTimersByTimeAsync(attemptTimeoutMs * 2);
    expect(await running).toBe('done');
    expect(attempts).toBe(2);
  });

  test('that does not even stop is given up: a second one must not write beside it', async () => {
    const on = host();
    const work = vi.fn(() => new Promise(() => undefined));
    const running = operate(['verify'], on, fine, work).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(attemptTimeoutMs + 60_000);
    expect(await running).toMatchObject({ code: 'OperationStalled' });
    expect(work).toHaveBeenCalledTimes(1);
  });
});
