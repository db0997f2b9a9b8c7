import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { parsePrintableKey } from '../../lib/domain/report.ts';
import { runProgram } from '../../lib/testing/command-host.ts';
import { manifestFiles } from '../../lib/testing/manifest-files.ts';
import { strictS3 } from '../../lib/testing/servers/strict-s3.ts';
import { volumeOf } from '../../lib/testing/volume-of.ts';

/** Keys in latin1. The last ones no store has: they are for who prints and reads keys. */
const OBJECTS = new Map([
  ['plain', 'a plain one'],
  ['a', 'beside a/b'],
  ['a/b', 'below a'],
  ['a//b', 'an empty segment'],
  ['/etc/passwd', 'absolute'],
  ['../up', 'upwards'],
  ['dir/', 'bytes under a name with a slash'],
  ['100%', 'a sign'],
  ['line\nbreak', 'two lines'],
]);
const BYTES = new Map([...OBJECTS, ['\0', 'NUL'], ['\xff\xfe', 'not text']]);

async function site(objects: ReadonlyMap<string, string> = OBJECTS, mtimeNs = 0n) {
  const world = await volumeOf(objects, mtimeNs);
  const { manifest, codeFile } = await manifestFiles(world, { type: 'export' });
  const common = ['--device', world.deviceDir, '--manifest', manifest];
  common.push('--unlock-code-file', codeFile, '--state', join(world.dir, 'state'));
  const run = (command: string, ...argv: string[]) => runProgram([command, ...argv, ...common]);
  return { dir: world.dir, run };
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('a directory gets what it can hold; the report and the last lines say what to do for the rest', async () => {
  const { dir, run } = await site();
  const root = join(dir, 'tree');
  const ran = await run('restore', root, '--workers', '0');
  expect(ran.exit).toBe(1);
  expect(ran.out).toContain('5 have keys that cannot be names in a directory');
  expect(ran.out).toContain('--map');
  expect(readFileSync(join(root, 'plain'), 'utf8')).toBe('a plain one');
  expect(existsSync(join(dir, 'up'))).toBe(false);
  const report = /report: (.*)summary.json/.exec(ran.out)?.[1] ?? '';
  const failures = readFileSync(join(report, 'failure.csv'), 'utf8');
  expect(failures).toMatch(/^a\/\/b,.*KeyRefused.*restore --map/m);
});

test('every object is counted once: what is restored, what is there already, and what fails for its name', async () => {
  // Beside `a` neither `a/b` nor `a/c` has a place: two names that fail, and one that would be another with a map.
  const objects = new Map([
    ['a', 'first'],
    ['a/b', 'below'],
    ['a/c', 'below, too'],
    ['a//b', 'an empty segment'],
    ['plain', 'a plain one'],
  ]);
  const { dir, run } = await site(objects);
  const root = join(dir, 'tree');
  for (const already of [0, 1]) {
    if (already === 1) {
      rmSync(join(dir, 'state'), { recursive: true });
      rmSync(join(root, 'plain'));
    }
    const said = await run('restore', root, '--workers', '0');
    expect(said.exit).toBe(1);
    expect(said.out).toContain(
      `of 5 objects: 2 restored (${already} were there already), 0 left out at the source, 3 failed`,
    );
    expect(said.out).toContain('of the failed, 3 have keys that cannot be names in a directory');
    const { last } = await run('restore', root, '--workers', '0', '--json');
    expect(last).toMatchObject({ total: 5, objects: 2, skipped: 0, failed: 3, unnamable: 3 });
    const { 'success.csv': success, 'failure.csv': failure } = last.files as Record<string, string>;
    const rows = (file: string | undefined) =>
      readFileSync(file ?? '', 'utf8')
        .trim()
        .split('\r\n').length - 1;
    expect([rows(success), rows(failure)]).toEqual([2, 3]);
  }
});

test('with a map it gets all, and a list of the names that are no keys', async () => {
  const { dir, run } = await site();
  const root = join(dir, 'tree');
  const ran = await run('restore', root, '--map', '--workers', '0', '--json');
  expect(ran.last).toMatchObject({ type: 'result', objects: 9, failed: 0, mapped: { objects: 5 } });
  const { path } = ran.last.mapped as { path: string };
  const names = readFileSync(path, 'utf8').trim().split('\n');
  const found = names.map((line) => JSON.parse(line) as { path: string; keyBase64: string });
  expect(Object.fromEntries(found.map((name) => [name.path, key(name.keyBase64)]))).toEqual({
    '%=a': 'a',
    'a/%_/b': 'a//b',
    '%_/etc/passwd': '/etc/passwd',
    '%_%2E%2E/up': '../up',
    'dir/%_': 'dir/',
  });
  for (const name of found)
    expect(readFileSync(join(root, name.path), 'utf8')).toBe(OBJECTS.get(key(name.keyBase64)));
});

const key = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1');

test('a bucket gets all under their keys; the key pair comes from a file or the environment', async () => {
  const { dir, run } = await site();
  const { place, objects } = await strictS3();
  const wanted = [...OBJECTS].map(([name, text]) => [`in/${name}`, text]);
  const where = ['--endpoint', place.endpoint, '--region', 'us-east-1', '--workers', '0', '--json'];
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(dir, 'none'));
  const without = await run('restore', 's3://bucket/in', ...where);
  expect(without.last).toMatchObject({ type: 'error', code: 'Usage' });
  const { accessKeyId, secretAccessKey } = place.credentials;
  const file = join(dir, 'pair.csv');
  writeFileSync(file, `Access key ID,Secret access key\n${accessKeyId},${secretAccessKey}\n`);
  const ran = await run('restore', 's3://bucket/in', ...where, '--access-key-file', file);
  expect(ran.last).toMatchObject({ type: 'result', objects: 9, failed: 0 });
  const held = () => [...objects].map(([name, body]) => [name, body.toString()]).sort();
  expect(held()).toEqual(wanted.sort());
  objects.clear();
  const profiles = join(dir, 'credentials');
  writeFileSync(
    profiles,
    `[default]\n[other]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  );
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', profiles);
  vi.stubEnv('AWS_PROFILE', 'other');
  const again = await run('restore', 's3://bucket', ...where);
  expect(again.last).toMatchObject({ type: 'result', objects: 9, failed: 0 });
  expect(objects.get('../up')?.toString()).toBe('upwards');
});

test('one object goes to a file, or to standard output', async () => {
  const { dir, run } = await site(BYTES);
  const file = join(dir, 'one');
  for (const [name, text] of BYTES) {
    const listed = Buffer.from(name, 'latin1');
    const shown = [...(await run('ls')).out.trimEnd().split('\n')].find((line) =>
      parsePrintableKey(line)?.equals(listed),
    );
    const ran = await run('restore', '--key', shown ?? '', '--output', file, '--overwrite=always');
    expect(ran.exit, ran.out).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(text);
  }
  const written: string[] = [];
  const write = (chunk: Uint8Array, done: () => void) => {
    written.push(Buffer.from(chunk).toString());
    done();
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(write as typeof process.stdout.write);
  const ran = await run('restore', '--key', '%00', '--output', '-');
  vi.restoreAllMocks();
  expect(ran).toMatchObject({ exit: 0, out: '' });
  expect(written.join('')).toBe('NUL');
});

test('times that no calendar has are listed in seconds, and hinder no restore', async () => {
  const far = 2n ** 62n * 1_000_000_000n;
  const { dir, run } = await site(new Map([['plain', 'far away']]), far);
  expect((await run('ls', '--long')).out).toContain(` @${2n ** 62n} `);
  const one = join(dir, 'one');
  expect(await run('restore', '--key', 'plain', '--output', one)).toMatchObject({ exit: 0 });
  const root = join(dir, 'tree');
  expect(await run('restore', root, '--workers', '0')).toMatchObject({ exit: 0 });
  expect(readFileSync(join(root, 'plain'))).toEqual(readFileSync(one));
});

test('an object that is not there, a file that is, and what does not go together are refused', async () => {
  const { dir, run } = await site();
  const file = join(dir, 'one');
  writeFileSync(file, 'kept');
  const refused = async (...argv: string[]) => (await run('restore', ...argv, '--json')).last.code;
  expect(await refused('--key', 'none', '--output', join(dir, 'x'))).toBe('NotFound');
  expect(await refused('--key', 'a//b', '--output', file)).toBe('Usage');
  expect(readFileSync(file, 'utf8')).toBe('kept');
  expect(await refused('--key', '100%', '--output', join(dir, 'x'))).toBe('Usage');
  expect(await refused('--key', 'a')).toBe('Usage');
  expect(await refused()).toBe('Usage');
  expect(await refused(join(dir, 't'), '--key', 'a', '--output', file)).toBe('Usage');
  expect(await refused(join(dir, 't'), '--region', 'r')).toBe('Usage');
  expect(await refused('s3://bucket', '--region', 'r', '--map')).toBe('Usage');
  expect(await refused('s3:///x', '--region', 'r')).toBe('Usage');
  const secret = await run(
    'restore',
    's3://bucket',
    ...['--region', 'r', '--endpoint', 'http://me:hush@127.0.0.1:9', '--json'],
  );
  expect(secret.last.code).toBe('Usage');
  expect(secret.out).not.toContain('hush');
  expect(existsSync(join(dir, 'x'))).toBe(false);
});
