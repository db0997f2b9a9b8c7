import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { manifestFiles } from '../lib/testing/manifest-files.ts';
import { makeTree, seededBytes, snapshot } from '../lib/testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../lib/testing/volume-world.ts';

/** The program as people run it: the bundle, in a process of its own. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUNDLE = join(ROOT, 'dist/waybill.mjs');

beforeAll(() => {
  const run = spawnSync(process.execPath, ['--import', 'tsx', 'lib/launch/bundle-agent.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
});

interface Site {
  world: VolumeWorld;
  args: string[];
  start(...args: string[]): ChildProcess;
  run(...args: string[]): Ended;
}

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
  /** The last JSON line of stdout. */
  last: Record<string, unknown>;
}

async function site(
  kind: 'sealed' | 'bag' = 'sealed',
  changes: Parameters<typeof manifestFiles>[1] = {},
): Promise<Site> {
  const world = await volumeWorld(kind);
  const { manifest, codeFile } = await manifestFiles(world, changes);
  const args = [
    '--device',
    world.deviceDir,
    '--manifest',
    manifest,
    '--unlock-code-file',
    codeFile,
  ];
  const env = {
    NODE_ENV: 'production' as const,
    PATH: process.env.PATH,
    HOME: world.dir,
    WAYBILL_STATE: join(world.dir, 'agent-state'),
  };
  const options = { cwd: world.dir, env };
  return {
    world,
    args,
    start: (...rest) =>
      spawn(process.execPath, [BUNDLE, ...rest], { ...options, stdio: ['ignore', 'pipe', 'pipe'] }),
    run: (...rest) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [BUNDLE, ...rest], {
        ...options,
        encoding: 'utf8',
        input: '',
        timeout: 50_000,
      });
      const line = stdout.trim().split('\n').at(-1) ?? '';
      return { status, stdout, stderr, last: line.startsWith('{') ? JSON.parse(line) : {} };
    },
  };
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)));

/** Waits until the agent says it is copying. */
const copying = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.stdout?.on('data', (chunk) => String(chunk).includes('"phase":"copy"') && resolve());
  });

describe('waybill copy', () => {
  test.each(['sealed', 'bag'] as const)('fills, verifies and seals a %s device', async (kind) => {
    const { world, args, run } = await site(kind);
    makeTree(world.source, { seed: 21, files: 50, bytesMax: 50_000 });
    const copied = run('copy', world.source, ...args, '--json');
    expect(copied.stderr).toBe('');
    expect(copied).toMatchObject({ status: 0, last: { type: 'result', objects: 50, failed: 0 } });
    expect(existsSync(String(copied.last.receipt))).toBe(true);
    expect(existsSync(join(world.deviceDir, 'waybill/lock.json'))).toBe(false);
    expect(run('verify', ...args, '--json')).toMatchObject({
      status: 0,
      last: { damaged: 0, objects: 50 },
    });
    expect(run('ls', ...args).stdout.match(/.*\n/g)).toHaveLength(50);
    expect(run('copy', world.source, ...args, '--json')).toMatchObject({
      status: 4,
      last: { code: 'VolumeSealed' },
    });
    await world.unload();
    expect(snapshot(world.bucketDir)).toEqual(snapshot(world.source));
  });

  test('killed right after the seal, the same copy or a seal makes the receipt', async () => {
    const { world, args, run } = await site();
    makeTree(world.source, { seed: 24, files: 5, bytesMax: 500 });
    const { receipt, sealDigest } = run('copy', world.source, ...args, '--json').last;
    const sealed = { status: 0, last: { receipt, sealDigest } };
    rmSync(String(receipt));
    const other = join(world.dir, 'other');
    mkdirSync(other);
    expect(run('copy', other, ...args, '--json').last).toMatchObject({ code: 'VolumeSealed' });
    expect(existsSync(String(receipt))).toBe(false);
    const again = run('copy', world.source, ...args, '--json');
    expect(again).toMatchObject({ ...sealed, last: { objects: 5, alreadyDone: 5, failed: 0 } });
    expect(existsSync(String(receipt))).toBe(true);
    rmSync(String(receipt));
    expect(run('seal', ...args, '--json')).toMatchObject(sealed);
    expect(existsSync(String(receipt))).toBe(true);
    expect(run('copy', world.source, ...args, '--json').last.code).toBe('VolumeSealed');
  });

  test('killed at any moment it goes on, and the result is the same', async () => {
    const { world, args, start, run } = await site();
    makeTree(world.source, { seed: 22, files: 400, bytesMax: 400_000 });
    for (const delay of [0, 15, 40, 80]) {
      const child = start('copy', world.source, ...args, '--json', '--workers', '2', '--no-seal');
      await copying(child);
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.kill('SIGKILL');
      await ended(child);
    }
    const copied = run('copy', world.source, ...args, '--json');
    expect(copied).toMatchObject({ status: 0, last: { objects: 400, failed: 0 } });
    const segments = readdirSync(join(world.deviceDir, 'waybill/segments/000000')).map((name) =>
      name.slice(0, 6),
    );
    const pages = readdirSync(join(world.deviceDir, 'waybill/catalog')).map((name) =>
      name.slice(0, 6),
    );
    expect(segments.sort()).toEqual(pages.sort());
    await world.unload();
    expect(snapshot(world.bucketDir)).toEqual(snapshot(world.source));
  });

  test('interrupted it ends with 130 and goes on inside a large file', async () => {
    const { world, args, start, run } = await site();
    writeFileSync(join(world.source, 'large'), Buffer.alloc(400_000_000, 'waybill'));
    const child = start('copy', world.source, ...args, '--json', '--workers', '1', '--no-verify');
    await copying(child);
    await new Promise((resolve) => setTimeout(resolve, 150));
    child.kill('SIGINT');
    expect(await ended(child)).toBe(130);
    const copied = run('copy', world.source, ...args, '--json', '--no-verify');
    expect(copied).toMatchObject({ status: 0, last: { objects: 1, bytes: 400_000_000 } });
    await world.unload();
    expect(snapshot(world.bucketDir)).toEqual(snapshot(world.source));
  });

  test('two agents do not work on one device', async () => {
    const { world, args, start, run } = await site();
    makeTree(world.source, { seed: 23, files: 300, bytesMax: 900_000 });
    const first = start('copy', world.source, ...args, '--json');
    await copying(first);
    expect(run('copy', world.source, ...args, '--json')).toMatchObject({
      status: 4,
      last: { code: 'DeviceLocked' },
    });
    expect(await ended(first)).toBe(0);
  });

  test('a dry run says what would be and writes nothing', async () => {
    const { world, args, run } = await site();
    writeFileSync(join(world.source, 'a'), 'a');
    const tried = run('copy', world.source, ...args, '--dry-run');
    expect(tried.stdout).toContain('would copy 1 objects');
    expect(readdirSync(join(world.deviceDir, 'waybill')).sort()).toEqual([
      'copy-1',
      'copy-2',
      'label.json',
    ]);
  });

  test('a FIFO is a problem that the exit code tells', async () => {
    const { world, args, run } = await site();
    expect(spawnSync('mkfifo', [join(world.source, 'pipe')]).status).toBe(0);
    writeFileSync(join(world.source, 'a'), 'a');
    const copied = run('copy', world.source, ...args, '--json');
    expect(copied).toMatchObject({ status: 1, last: { objects: 1, failed: 1 } });
    expect(copied.stdout).toContain('UnsupportedFileType');
  });

  test('a customer’s empty disk gets its label; one that holds something is left alone', async () => {
    const { world, args, run } = await site();
    rmSync(join(world.deviceDir, 'waybill'), { recursive: true });
    writeFileSync(join(world.source, 'a'), 'a');
    writeFileSync(join(world.deviceDir, 'photos.zip'), 'mine');
    expect(run('copy', world.source, ...args, '--json')).toMatchObject({
      status: 4,
      last: { code: 'DeviceIsDirectory' },
    });
    args.push('--device-is-a-directory');
    expect(run('copy', world.source, ...args, '--json')).toMatchObject({
      status: 4,
      last: { code: 'DeviceNotEmpty' },
    });
    rmSync(join(world.deviceDir, 'photos.zip'));
    expect(run('copy', world.source, ...args, '--json').status).toBe(0);
    expect(run('status', '--device', world.deviceDir).stdout).toContain('sealed  yes');
  });
});

test('waybill restore writes an export’s objects into a directory', async () => {
  const { world, args, run } = await site('sealed', { type: 'export' });
  makeTree(world.source, { seed: 24, files: 20, bytesMax: 1000 });
  expect(run('copy', world.source, ...args, '--json')).toMatchObject({
    status: 2,
    last: { code: 'Usage' },
  });
  await world.load();
  const root = join(world.dir, 'restored');
  expect(run('restore', root, ...args, '--json')).toMatchObject({
    status: 4,
    last: { code: 'VolumeNotSealed' },
  });
  const { sealVolume } = await import('../lib/transfer/verify/seal.ts');
  await sealVolume(world);
  expect(run('restore', root, ...args, '--json')).toMatchObject({
    status: 0,
    last: { objects: 20, failed: 0 },
  });
  expect(snapshot(root)).toEqual(snapshot(world.source));
});

describe('credentials', () => {
  test('of another device, a wrong code and no code are told apart', async () => {
    const { world, args, run } = await site();
    writeFileSync(join(world.source, 'a'), 'a');
    const other = await manifestFiles(world, { deviceId: 'DEV-2' });
    const wrong = [
      '--device',
      world.deviceDir,
      '--manifest',
      other.manifest,
      '--unlock-code-file',
      other.codeFile,
    ];
    expect(run('copy', world.source, ...wrong, '--json')).toMatchObject({
      status: 4,
      last: { code: 'WrongDevice' },
    });
    const mixed = [...args.slice(0, 4), '--unlock-code-file', other.codeFile];
    expect(run('copy', world.source, ...mixed, '--json')).toMatchObject({
      status: 6,
      last: { code: 'UnlockCodeWrong' },
    });
    const typo = join(world.dir, 'typo');
    writeFileSync(typo, 'ABCDE-FGHJK\n');
    expect(
      run('copy', world.source, ...args.slice(0, 4), '--unlock-code-file', typo, '--json'),
    ).toMatchObject({ status: 6, last: { code: 'UnlockCodeMalformed' } });
    expect(run('copy', world.source, ...args.slice(0, 4), '--json')).toMatchObject({
      status: 6,
      last: { code: 'UnlockCodeMissing' },
    });
    const none = run('copy', world.source, ...args.slice(0, 4));
    expect(none.status).toBe(6);
    expect(none.stderr).toBe(
      'error: no unlock code was given\nhint: set WAYBILL_UNLOCK_CODE, use --unlock-code-file FILE, or run it on a terminal\n',
    );
    const manifest = readFileSync(args[3] ?? '');
    manifest[400] = (manifest[400] ?? 0) ^ 1;
    writeFileSync(args[3] ?? '', manifest);
    expect(run('copy', world.source, ...args, '--json')).toMatchObject({
      status: 6,
      last: { code: 'ManifestInvalid' },
    });
  });

  test('never stand on the command line', async () => {
    const { run } = await site();
    const refused = run('copy', '.', '--unlock-code', 'ABCDE-…');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('can be read by every user');
    expect(refused.stderr).not.toContain('ABCDE');
  });
});

describe('usage', () => {
  test('every command has help with examples', async () => {
    const { run } = await site();
    for (const command of ['copy', 'verify', 'seal', 'reopen', 'ls', 'restore', 'status', 'job']) {
      const { status, stdout } = run(command, '--help');
      expect(status).toBe(0);
      expect(stdout).toMatch(new RegExp(`Examples:\n {2}waybill ${command}`));
    }
    expect(run('--help').stdout).toContain('130');
    expect(run('job', 'plan', '--option', 'snowball', '--bytes', '240TB').stdout).toContain(
      '3 × snowball of 80.0 TB',
    );
  });

  test('what is missing or unknown ends with 2', async () => {
    const { run, world } = await site();
    expect(run('nonsense').status).toBe(2);
    expect(run('copy').status).toBe(2);
    expect(run('copy', world.source, '--device', world.deviceDir).status).toBe(2);
    expect(run('status', '--device', join(world.dir, 'nowhere'), '--json')).toMatchObject({
      status: 4,
      last: { code: 'DeviceNotFound' },
    });
    mkdirSync(join(world.dir, 'blank'));
    expect(run('status', '--device', join(world.dir, 'blank'), '--json').last.code).toBe(
      'DeviceNotPrepared',
    );
  });

  test('people see words, programs see lines of JSON', async () => {
    const { run, world, args } = await site();
    writeFileSync(join(world.source, 'a'), seededBytes(1, 1000));
    const copied = run('copy', world.source, ...args, '--no-seal');
    expect(copied.stdout).toBe('copied 1 objects, 1.00 KB (0 left out, 0 failed)\n');
    const lines = run('copy', world.source, ...args, '--json')
      .stdout.trim()
      .split('\n');
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('type');
  });
});
