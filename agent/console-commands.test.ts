import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JobDetail } from '../lib/api/schemas.ts';
import { isWaybillError } from '../lib/domain/errors.ts';
import type { PersonRole } from '../lib/domain/words.ts';
import { type ConsoleWorld, consoleWorld, ORIGIN } from '../lib/testing/console-world.ts';
import { tempDir } from '../lib/testing/temp.ts';
import { jsonOutput } from './output/json.ts';
import type { Output } from './output/output.ts';
import { textOutput } from './output/text.ts';
import { program } from './program.ts';

/** A host with the program, and a console that it reaches over loopback. */
interface Host {
  world: ConsoleWorld;
  url: string;
  dir: string;
  /** Runs a command in text and as JSON lines. */
  run(role: PersonRole | 'station' | null, ...argv: string[]): Promise<Ran>;
}

interface Ran {
  exit: number;
  out: string;
  talk: string;
  /** JSON lines. */
  lines: Record<string, unknown>[];
  last: Record<string, unknown>;
}

async function host(): Promise<Host> {
  const world = await consoleWorld();
  const dir = tempDir();
  mkdirSync(join(dir, 'config'));
  const before = { ...process.env };
  process.env.WAYBILL_CONFIG = join(dir, 'config');
  onTestFinished(() => {
    process.env = before;
  });
  const url = await served(world);
  const tokens = new Map<string, string>();
  return {
    ...{ world, url, dir },
    async run(role, ...argv) {
      if (role && !tokens.has(role)) {
        const file = join(dir, `${role}.token`);
        writeFileSync(file, await world.token(role));
        tokens.set(role, file);
      }
      const file = role ? tokens.get(role) : undefined;
      return runProgram([...argv, ...(file ? ['--console', url, '--token-file', file] : [])]);
    },
  };
}

/** Serves a console on loopback. */
async function served(world: ConsoleWorld): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.on('close', () => gone.abort());
    const hasBody = incoming.method !== 'GET' && incoming.method !== 'DELETE';
    const headers = Object.entries(incoming.headers).map(([k, v]): [string, string] => [k, `${v}`]);
    const request = new Request(`${ORIGIN}${incoming.url}`, {
      method: incoming.method ?? 'GET',
      headers,
      signal: gone.signal,
      ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } : {}),
    } as RequestInit);
    const auth = incoming.url?.startsWith('/api/auth/');
    const answer = auth ? world.console.auth.handler(request) : world.send(request);
    void answer.then((response) => {
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      if (!response.body) return outgoing.end();
      return Readable.fromWeb(response.body as import('node:stream/web').ReadableStream)
        .on('error', () => outgoing.destroy())
        .pipe(outgoing);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return `http://127.0.0.1:${address.port}`;
}

async function runProgram(argv: string[], signal = new AbortController().signal): Promise<Ran> {
  let out = '';
  let talk = '';
  const say = (line: string) => {
    out += line;
  };
  const output: Output = argv.includes('--json')
    ? jsonOutput(say)
    : textOutput({
        out: say,
        talk: (line) => {
          talk += line;
        },
        isTerminal: false,
        columns: () => 80,
        now: Date.now,
      });
  let exit = 0;
  const root = program(async (work) => {
    try {
      exit = await work({ output, signal });
    } catch (error) {
      if (!isWaybillError(error)) throw error;
      output.error(error);
      exit = error.exit;
    }
  });
  const rest = argv.filter((arg) => arg !== '--json');
  await root.parseAsync([...(argv.includes('--json') ? ['--json'] : []), ...rest], {
    from: 'user',
  });
  const lines = argv.includes('--json')
    ? out
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];
  return { exit, out, talk, lines, last: lines.at(-1) ?? {} };
}

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

describe('jobs', () => {
  test('a disk job is created, listed, changed, shown and cancelled', async () => {
    const h = await host();
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
    const h = await host();
    const job = await diskJob(h);
    await h.run('operator', 'job', 'change', job.id, '--name', 'a\u202eb');
    expect((await h.run('operator', 'job', 'show', job.id)).out).toContain('a\\u{202e}b');
  });

  test('manifest and unlock code are files for their owner alone, as soon as the job has them', async () => {
    const h = await host();
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
    const h = await host();
    const job = await diskJob(h);
    const ran = await h.run('operator', 'job', 'unlock-code', job.id, '--json');
    expect(ran).toMatchObject({ exit: 2, last: { code: 'Usage' } });
  });

  test('what is refused says why and ends with its exit code', async () => {
    const h = await host();
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

  test('an incident is reported and resolved', async () => {
    const h = await host();
    const job = await diskJob(h);
    const note = ['--note', 'case is dented'];
    const told = await h.run('operator', 'job', 'incident', job.id, 'damaged', ...note, '--json');
    expect(told).toMatchObject({ exit: 0, last: { job: { attention: true } } });
    expect((await h.run('operator', 'job', 'show', job.id)).out).toContain('case is dented');
    const solved = await h.run('admin', 'job', 'resolve', job.id, ...note, '--json');
    expect(solved).toMatchObject({ exit: 0, last: { job: { attention: false } } });
  });
});
