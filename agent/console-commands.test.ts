import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { JobDetail } from '../lib/api/schemas/job-schemas.ts';
import type { PersonRole } from '../lib/domain/words.ts';
import { commandHost, type Host, runProgram } from '../lib/testing/command-host.ts';
import { deviceLogin } from './console/device-login.ts';
import { jsonOutput } from './output/json.ts';
import { pathOf } from './program/add-command.ts';
import { COMMANDS } from './program/help-table.ts';
import { program } from './program/program.ts';

const CREATE = [
  ...['job', 'create', '--name', 'archive', '--option', 'disk', '--type', 'import'],
  ...['--size', '4TB', '--store', 'embedded', '--bucket', 'default'],
];

async function snowballJob({ run }: Host): Promise<JobDetail> {
  const { last } = await run(
    'operator',
    ...CREATE,
    '--option',
    'snowball',
    '--size',
    '50TB',
    '--json',
  );
  return last.job as JobDetail;
}

async function diskJob({ run }: Host): Promise<JobDetail> {
  const { last } = await run('operator', ...CREATE, '--json');
  return last.job as JobDetail;
}

test('functions are kept by name, listed and forgotten', async () => {
  const h = await commandHost();
  const file = join(h.dir, 'count.mjs');
  writeFileSync(file, 'export const handler = async () => {};');
  const run = (...words: string[]) => h.run('operator', 'function', ...words, '--json');
  const kept = await run('keep', 'count', '--file', file, '--memory', '128');
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  expect(kept.last).toMatchObject({
    function: { name: 'count', sha256, options: { handler: 'handler', memoryMB: 128 } },
  });
  expect((await run('list')).lines).toMatchObject([
    { function: { sha256, jobs: 0, openJobs: 0 } },
    { functions: 1 },
  ]);
  expect((await run('show', 'count')).last).toMatchObject({
    function: { name: 'count', code: readFileSync(file, 'utf8') },
  });
  expect((await run('show', 'other')).last).toMatchObject({ code: 'NotFound' });
  expect((await run('keep', 'gzip', '--file', file)).last).toMatchObject({ code: 'BadRequest' });
  expect((await run('keep', 'a b', '--file', file)).last).toMatchObject({ code: 'BadRequest' });
  expect((await h.run('viewer', 'function', 'remove', 'count', '--json')).exit).toBe(3);
  expect((await run('remove', 'count')).exit).toBe(0);
  expect((await run('remove', 'count')).last).toMatchObject({ code: 'NotFound' });
});

describe('jobs', () => {
  test('a disk job is created, listed, changed, shown and cancelled', async () => {
    const h = await commandHost();
    const job = await diskJob(h);
    expect(job).toMatchObject({
      name: 'archive',
      option: 'disk',
      sizeBytes: 4e12,
      state: 'created',
    });
    const text = await h.run('operator', 'job', 'list');
    expect(text.out).toMatch(
      /^JOB +NAME +OPTION .*\nJID\S+ +archive +disk +import +4.00 TB +created/,
    );
    const json = await h.run('operator', 'job', 'list', '--state', 'created', '--json');
    expect(json.lines).toMatchObject([
      { type: 'item', job: { id: job.id } },
      { type: 'result', jobs: 1, more: false },
    ]);
    expect(
      await h.run('operator', 'job', 'change', job.id, '--name', 'new', '--json'),
    ).toMatchObject({ exit: 0, last: { type: 'result', job: { name: 'new' } } });
    const shown = await h.run('operator', 'job', 'show', job.id);
    expect(shown.out).toMatch(/name: +new\n/);
    expect(shown.out).toContain('possible now:');
    expect(shown.out).toContain(`waybill job cancel ${job.id}`);
    expect(await h.run('operator', 'job', 'cancel', job.id, '--json')).toMatchObject({
      last: { job: { state: 'cancelled' } },
    });
  });

  test('names of other people cannot command the terminal', async () => {
    const h = await commandHost();
    const job = await diskJob(h);
    await h.run('operator', 'job', 'change', job.id, '--name', 'a\u202eb');
    expect((await h.run('operator', 'job', 'show', job.id)).out).toContain('a\\u{202e}b');
  });

  test('manifest and unlock code are files for their owner alone, as soon as the job has them', async () => {
    const h = await commandHost();
    const job = await diskJob(h);
    const manifest = join(h.dir, 'job.manifest');
    const { id } = await snowballJob(h);
    const early = await h.run('operator', 'job', 'manifest', id, '--output', manifest, '--json');
    expect(early).toMatchObject({ exit: 3, last: { code: 'CredentialsNotAvailable' } });
    expect((await h.run('operator', 'job', 'manifest', job.id, '--output', manifest)).exit).toBe(0);
    expect(statSync(manifest).mode & 0o777).toBe(0o600);
    const again = ['job', 'manifest', job.id, '--output', manifest];
    await expect(h.run('operator', ...again)).resolves.toMatchObject({ exit: 2 });
    expect((await h.run('operator', ...again, '--force')).exit).toBe(0);
    const code = await h.run('operator', 'job', 'unlock-code', job.id, '--yes', '--json');
    expect(code.last).toMatchObject({
      type: 'result',
      unlockCode: expect.stringMatching(/^\w{5}-/),
    });
    const file = join(h.dir, 'code');
    const kept = await h.run('operator', 'job', 'unlock-code', job.id, '--output', file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8').trim()).toBe(code.last.unlockCode);
    expect(kept.out + kept.talk).not.toContain(String(code.last.unlockCode));
  });

  test('the unlock code is not shown without a word of consent', async () => {
    const h = await commandHost();
    const job = await diskJob(h);
    const ran = await h.run('operator', 'job', 'unlock-code', job.id, '--json');
    expect(ran).toMatchObject({ exit: 2, last: { code: 'Usage' } });
  });

  test('what is refused says why and ends with its exit code', async () => {
    const h = await commandHost();
    const job = await diskJob(h);
    const act = (role: PersonRole, ...rest: string[]) =>
      h.run(role, 'job', 'act', job.id, ...rest, '--json');
    expect(await act('operator', 'complete')).toMatchObject({ exit: 3, last: { type: 'error' } });
    expect(await act('operator', 'fly')).toMatchObject({ exit: 2, last: { code: 'Usage' } });
    expect(await act('operator', 'deliver', '--tracking', '1')).toMatchObject({ exit: 2 });
    expect(await h.run('viewer', ...CREATE, '--json')).toMatchObject({
      exit: 3,
      last: { code: 'Forbidden' },
    });
    expect((await h.run(null, 'job', 'show', job.id, '--console', h.url)).exit).toBe(6);
  });

  test('a device is shipped, and seen on its way', async () => {
    const h = await commandHost();
    const job = await diskJob(h);
    const scan = ['job', 'scan', job.id, 'Rotterdam hub', '--json'];
    expect(await h.run('operator', ...scan)).toMatchObject({ exit: 3 });
    expect((await h.run('operator', 'job', 'label', job.id, '--json')).last).toMatchObject({
      code: 'LabelNotReleased',
    });
    const create = CREATE.map((word) => (word === 'import' ? 'export' : word));
    const made = await h.run('operator', ...create, '--json');
    const id = (made.last.job as { id: string }).id;
    const act = [
      'job',
      'act',
      id,
      'ship-to-facility',
      '--carrier',
      'UPS',
      '--tracking',
      '1Z',
      '--seal',
      '7',
    ];
    expect(await h.run('operator', ...act, '--json')).toMatchObject({
      exit: 0,
      last: { job: { state: 'in-transit-to-facility', shipments: [{ sealNumbers: ['7'] }] } },
    });
    expect((await h.run('operator', 'job', 'scan', id, 'Rotterdam hub')).out).toContain(
      'Rotterdam',
    );
    expect((await h.run('operator', 'job', 'label', id)).out).toContain(`WAYBILL:${id}`);
    const file = join(h.dir, 'label.pdf');
    const print = ['job', 'label', id, '--output', file];
    expect(await h.run('operator', ...print, '--json')).toMatchObject({ exit: 0, last: { file } });
    expect(readFileSync(file, 'latin1')).toMatch(/^%PDF-/);
    expect((await h.run('operator', ...print)).exit).toBe(2);
    expect((await h.run('operator', 'job', 'label', id, '--packing-slip')).exit).toBe(2);
    expect((await h.run('operator', 'job', 'custody', id)).out).toContain('shipment.scan');
  });

  test('an incident is reported and resolved', async () => {
    const h = await commandHost();
    const job = await diskJob(h);
    const note = ['--note', 'case is dented'];
    const told = await h.run('operator', 'job', 'incident', job.id, 'damaged', ...note, '--json');
    expect(told).toMatchObject({ exit: 0, last: { job: { attention: true } } });
    expect((await h.run('operator', 'job', 'show', job.id)).out).toContain('case is dented');
    const solved = await h.run('admin', 'job', 'resolve', job.id, ...note, '--json');
    expect(solved).toMatchObject({ exit: 0, last: { job: { attention: false } } });
  });
});

describe('devices, stores and the custody log', () => {
  test('a device is added, shown, changed and listed', async () => {
    const h = await commandHost();
    const added = await h.run('facility', 'device', 'add', 'SB-1', '--capacity', '80TB', '--json');
    expect(added.last).toMatchObject({ device: { id: 'SB-1', capacityBytes: 80e12 } });
    const changed = await h.run('facility', 'device', 'change', 'SB-1', '--state', 'quarantined');
    expect(changed.out).toMatch(/state: +quarantined/);
    expect((await h.run('facility', 'device', 'show', 'SB-1')).out).toMatch(/capacity: +80.0 TB/);
    const list = await h.run('facility', 'device', 'list');
    expect(list.out).toMatch(/^DEVICE .*\nSB-1 +80.0 TB +provider +quarantined/);
    expect(await h.run('facility', 'device', 'show', 'SB-2')).toMatchObject({ exit: 3 });
  });

  test('a store is added, listed, and checked from this host', async () => {
    const h = await commandHost();
    const add = ['store', 'add', 'main', '--kind', 'directory', '--root', join(h.dir, 'objects')];
    expect(await h.run('admin', ...add, '--bucket', 'archive')).toMatchObject({ exit: 0 });
    expect((await h.run('admin', 'store', 'list')).out).toMatch(/main +main +directory/);
    const check = (bucket: string) =>
      h.run('admin', 'store', 'check', 'main', '--bucket', bucket, '--json');
    expect(await check('archive')).toMatchObject({ exit: 0, last: { storeId: 'main' } });
    expect(await check('missing')).toMatchObject({ exit: 5, last: { code: 'BucketNotFound' } });
  });

  test('the custody log is listed and its chain checked', async () => {
    const h = await commandHost();
    const { id } = await diskJob(h);
    const list = await h.run('admin', 'audit', 'list', '--limit', '1', '--json');
    expect(list.lines).toMatchObject([{ type: 'item' }, { type: 'result', entries: 1 }]);
    const ofJob = await h.run('admin', 'job', 'custody', id, '--json');
    expect(ofJob.lines[0]).toMatchObject({ entry: { jobId: id } });
    expect(await h.run('admin', 'audit', 'verify', '--json')).toMatchObject({
      exit: 0,
      last: { brokenAt: null },
    });
    await expect(h.run('admin', 'job', 'report', id)).resolves.toMatchObject({ exit: 3 });
  });

  test('events are shown, and followed until a signal', async () => {
    const h = await commandHost();
    const { id } = await diskJob(h);
    expect((await h.run('operator', 'job', 'events', id, '--json')).lines[0]).toMatchObject({
      type: 'item',
      event: { jobId: id },
    });
    const stop = new AbortController();
    const signIn = ['--console', h.url, '--token-file', join(h.dir, 'operator.token')];
    const seen: string[] = [];
    const following = runProgram(['job', 'events', id, '--follow', '--json', ...signIn], {
      signal: stop.signal,
      onOut: (line) => {
        seen.push(line);
        if (line.includes('incident')) stop.abort();
        else if (seen.length === 1) void h.run('operator', 'job', 'incident', id, 'damaged');
      },
    });
    await expect(following).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen.join('')).toContain('incident');
  });
});

describe('signing in', () => {
  test('with a token: checked, kept, shown, revoked and forgotten', async () => {
    const h = await commandHost();
    const token = await h.world.token('operator');
    const file = join(h.dir, 'given.token');
    writeFileSync(file, token);
    const login = ['login', '--console', h.url, '--token-file', file];
    const text = await runProgram(login);
    expect(text.out).toContain('signed in');
    expect(text.out + text.talk).not.toContain(token);
    const kept = join(h.dir, 'config/credentials.json');
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    expect((await runProgram(['whoami', '--json'])).last).toMatchObject({ role: 'operator' });
    expect((await runProgram(['logout', '--json'])).last).toMatchObject({ revoked: true });
    expect(await runProgram(login)).toMatchObject({ exit: 6 });
    expect(readFileSync(kept, 'utf8')).not.toContain(token);
  });

  test('without an answer the token is forgotten all the same', async () => {
    const h = await commandHost();
    writeFileSync(join(h.dir, 't'), 'a-token');
    const gone = ['--console', 'http://127.0.0.1:1', '--token-file', join(h.dir, 't')];
    const ran = await runProgram(['logout', ...gone, '--json']);
    expect(ran).toMatchObject({ exit: 0, last: { revoked: false } });
  });

  test('the console gives out codes for a device login', async () => {
    const h = await commandHost();
    const stop = new AbortController();
    const notes: string[] = [];
    const output = { ...jsonOutput(() => undefined), note: (line: string) => notes.push(line) };
    let asked = 0;
    const login = deviceLogin(h.url, { output, signal: stop.signal }, async () => {
      asked += 1;
      if (asked === 2) stop.abort();
    });
    await expect(login).rejects.toMatchObject({ name: 'AbortError' });
    expect(notes.join()).toMatch(/\/device\?user_code=/);
  });
});

test('the commands of the program are the rows of the help table', () => {
  const all = (command: Command): string[] =>
    command.commands.flatMap((c) => [pathOf(c).join(' '), ...all(c)]);
  const names = all(program(async () => undefined)).filter((name) => name !== 'help');
  expect(names.sort()).toEqual(Object.keys(COMMANDS).sort());
});
