import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { canMount, smallDisk } from '../testing/small-disk.ts';
import { tempDir } from '../testing/temp.ts';
import { lockDevice } from './lock.ts';

const CHILD = fileURLToPath(new URL('../testing/lock-child.ts', import.meta.url));

/** A process of its own that locks when it is told to. */
function starter(...args: string[]) {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', CHILD, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[
    Symbol.asyncIterator
  ]();
  return {
    ask: async (line: string): Promise<string> => {
      child.stdin?.write(`${line}\n`);
      return String((await lines.next()).value);
    },
    die: () =>
      new Promise((resolve) => {
        child.once('exit', resolve);
        child.stdin?.write('die\n');
      }),
  };
}

/** A process that is gone: its pid, or that of another that got it meanwhile, did not start then. */
function goneHolder(): object {
  const { stdout } = spawnSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' });
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return { pid: Number(stdout), host: hostname(), startedTicks: '1', bootId };
}

function newDevice() {
  const dir = tempDir();
  mkdirSync(join(dir, 'waybill'));
  const path = join(dir, 'waybill/lock.json');
  return { dir, path, left: () => readdirSync(join(dir, 'waybill')) };
}

const ROUNDS = 40;

describe.each([[[]], [['no-links']]])('three starters, %j', (args) => {
  test('on one stale lock: exactly one gets the device, round after round', async () => {
    const starters = [starter(...args), starter(...args), starter(...args)];
    const { dir, path, left } = newDevice();
    const stale = [
      JSON.stringify(goneHolder()),
      JSON.stringify({ token: '01234567-89ab-cdef-0123-456789abcdef', ...goneHolder() }),
    ];
    for (let round = 0; round < ROUNDS; round += 1) {
      // Every third round there is none to take over.
      const text = stale[round % 3];
      if (text !== undefined) writeFileSync(path, text);
      const at = Date.now() + 15;
      const answers = await Promise.all(starters.map(({ ask }) => ask(`lock ${dir} ${at}`)));
      expect([...answers].sort()).toEqual(['DeviceLocked', 'DeviceLocked', 'got']);
      // Those without it release nothing, and take nothing from the one who has it.
      const loser = starters[answers.indexOf('DeviceLocked')];
      await loser?.ask('release');
      expect(left()).toContain('lock.json');
      await starters[answers.indexOf('got')]?.ask('release');
      expect(left()).toEqual([]);
    }
  });
});

test('a starter that dies as the holder, or while it takes a lock over, is followed by the next', async () => {
  const { dir, path, left } = newDevice();
  const first = starter();
  expect(await first.ask(`lock ${dir} 0`)).toBe('got');
  expect(() => lockDevice(dir)).toThrow(expect.objectContaining({ code: 'DeviceLocked' }));
  await first.die();
  const { token } = JSON.parse(readFileSync(path, 'utf8'));
  const dead = '11111111-89ab-cdef-0123-456789abcdef';
  const after = (name: string) => join(dir, `waybill/.tmp-lock-after-${name}`);
  writeFileSync(after(token), JSON.stringify({ token: dead, ...goneHolder() }));
  writeFileSync(after(dead), JSON.stringify({ token: `2${dead.slice(1)}`, ...goneHolder() }));
  const lock = lockDevice(dir);
  expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid);
  lock.release();
  expect(left()).toEqual([]);
});

test('a lock of another host is taken over by who says so, and its old holder does not release it', () => {
  const { dir, path } = newDevice();
  const mine = lockDevice(dir);
  const held = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...held, host: 'elsewhere' }));
  expect(() => lockDevice(dir)).toThrow(/elsewhere/);
  const theirs = lockDevice(dir, { takeOver: true });
  const taken = readFileSync(path, 'utf8');
  mine.release();
  expect(readFileSync(path, 'utf8')).toBe(taken);
  theirs.release();
  lockDevice(dir).release();
});

const ODD: Record<string, (path: string) => void> = {
  'an empty file': (path) => writeFileSync(path, ''),
  'text of no meaning': (path) => writeFileSync(path, '{"pid":"1"'),
  'a file of any size': (path) => writeFileSync(path, Buffer.alloc(10_000_000)),
  'a folder with something in it': (path) => mkdirSync(join(path, 'below'), { recursive: true }),
  'a link to a file of the host': (path) => symlinkSync('/etc/hostname', path),
  'a link to itself': (path) => symlinkSync(path, path),
  'a named pipe': (path) => void spawnSync('mkfifo', [path]),
};

test.each(Object.entries(ODD))('%s in the place of a lock holds nobody up', (_, make) => {
  const { dir, path, left } = newDevice();
  const host = readFileSync('/etc/hostname', 'utf8');
  make(path);
  const lock = lockDevice(dir);
  expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid);
  lock.release();
  expect(left()).toEqual([]);
  expect(readFileSync('/etc/hostname', 'utf8')).toBe(host);
});

test('a link in the place of the volume’s folder is refused', () => {
  const [dir, host] = [tempDir(), tempDir()];
  symlinkSync(host, join(dir, 'waybill'));
  const refused = expect.objectContaining({ code: 'DeviceHostile' });
  expect(() => lockDevice(dir)).toThrow(refused);
  expect(() => lockDevice(dir, { readOnly: true })).toThrow(refused);
  expect(readdirSync(host)).toEqual([]);
});

test.runIf(canMount)(
  'a device mounted read-only is read without a lock, and not written to',
  () => {
    const dir = tempDir();
    const disk = smallDisk(dir, 1);
    mkdirSync(join(dir, 'waybill'));
    const lock = lockDevice(dir);
    disk.remount('ro');
    // A process of this host is known to hold it.
    expect(() => lockDevice(dir, { readOnly: true })).toThrow(
      expect.objectContaining({ code: 'DeviceLocked' }),
    );
    disk.remount('rw');
    lock.release();
    disk.remount('ro');
    expect(() => lockDevice(dir)).toThrow(expect.objectContaining({ code: 'DeviceReadOnly' }));
    lockDevice(dir, { readOnly: true }).release();
    disk.remount('rw');
    writeFileSync(
      join(dir, 'waybill/lock.json'),
      JSON.stringify({ ...goneHolder(), host: 'else' }),
    );
    disk.remount('ro');
    // The other host left the disk as it is: it is not there to be asked, and nothing is written.
    lockDevice(dir, { readOnly: true }).release();
    expect(readdirSync(join(dir, 'waybill'))).toEqual(['lock.json']);
  },
);

test('a lock that is larger than one can be is not waited for', () => {
  const { dir, path } = newDevice();
  writeFileSync(path, '');
  truncateSync(path, 1024 ** 4);
  const waits = vi.spyOn(Atomics, 'wait');
  onTestFinished(() => waits.mockRestore());
  const lock = lockDevice(dir);
  expect(waits).not.toHaveBeenCalled();
  expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid);
  lock.release();
});
