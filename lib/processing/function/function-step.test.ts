import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { checkPlan } from '../../domain/processing.ts';
import { tempDir } from '../../testing/temp.ts';
import { CompiledPlan } from '../compiled-plan.ts';
import type { RunningStep } from '../object-stream.ts';
import { functionStep } from './function-step.ts';

let running: RunningStep | undefined;
afterEach(() => running?.close?.());

/** Runs code on one object; what came out, as text by key. */
async function run(
  code: string,
  options: Record<string, unknown> = {},
  input: { key?: string; content?: string | Buffer } = {},
): Promise<Record<string, string>> {
  const plan = new CompiledPlan(
    checkPlan({ steps: [{ step: 'function', code, retries: 0, ...options }] }),
  );
  const [step] = plan.steps;
  if (!step) throw new RangeError('a plan has a step');
  await running?.close?.();
  running = functionStep(step, { network: false });
  return again(input);
}

async function again(input: { key?: string; content?: string | Buffer } = {}) {
  const { key = 'in/a b+c.txt', content = 'hello' } = input;
  const bytes = Buffer.from(content);
  const body = (async function* () {
    yield bytes;
  })();
  const found: Record<string, string> = {};
  const object = { key, bytes: bytes.length, mtimeNs: 1_700_000_000_000_000_000n, body };
  for await (const made of running?.run(object) ?? []) {
    let text = '';
    for await (const chunk of made.body) text += Buffer.from(chunk).toString('latin1');
    found[made.key] = text;
  }
  return found;
}

const handler = (body: string): string =>
  `export const handler = async (event, context) => {
     const { bucket, object } = event.Records[0].s3;
     const Key = decodeURIComponent(object.key.replaceAll('+', ' '));
     const put = (key, Body) => context.s3.putObject({ Bucket: bucket.name, Key: key, Body });
     const get = () => context.s3.getObject({ Bucket: bucket.name, Key });
     ${body}
   };`;

describe('a function', () => {
  test('reads its object and puts results, as on AWS Lambda', async () => {
    const found = await run(
      handler(`
        const { Body, ContentLength } = await get();
        await put('out/' + Key, (await Body.transformToString()).toUpperCase());
        await put('about', JSON.stringify({ ContentLength, size: object.size, name: event.Records[0].eventName }));`),
    );
    expect(found['out/in/a b+c.txt']).toBe('HELLO');
    expect(JSON.parse(found.about ?? '')).toEqual({
      ContentLength: 5,
      size: 5,
      name: 'ObjectCreated:Put',
    });
  });

  test('written with the AWS SDK runs unchanged', async () => {
    const found = await run(`
      import { S3Client, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
      const client = new S3Client({ region: 'eu-west-1' });
      export const handler = async (event) => {
        const { bucket, object } = event.Records[0].s3;
        const where = { Bucket: bucket.name, Key: decodeURIComponent(object.key.replaceAll('+', ' ')) };
        const { Body } = await client.send(new GetObjectCommand(where));
        await client.send(new PutObjectCommand({ ...where, Key: 'copy', Body }));
      };`);
    expect(found).toEqual({ copy: 'hello' });
  });

  test('streams what is larger than memory should hold', async () => {
    const content = Buffer.alloc(20_000_000, 'abcdefg');
    const code = handler(`await put('same', (await get()).Body);`);
    const found = await run(code, {}, { content });
    expect(found.same?.length).toBe(content.length);
    expect(Buffer.from(found.same ?? '', 'latin1').equals(content)).toBe(true);
  });

  test('stays warm: the next object meets the same process', async () => {
    const code = `let n = 0; ${handler(`n += 1; await put('n', String(n));`)}`;
    expect(await run(code)).toEqual({ n: '1' });
    expect(await again()).toEqual({ n: '2' });
  });

  test('that failed is called again in a new process, as often as it may be', async () => {
    const code = `let n = 0; ${handler(`n += 1; if (object.size === 3) throw new Error('three ' + n);`)}`;
    await run(code, { retries: 2 });
    await expect(again({ content: 'abc' })).rejects.toMatchObject({ message: 'Error: three 1' });
  });
});

describe('what a function does wrong costs its object only, and says why', () => {
  const wrong: [what: string, code: string, options: Record<string, unknown>, message: RegExp][] = [
    ['throws', handler(`console.log('so far'); throw new TypeError('no');`), {}, /^TypeError: no/],
    ['exits', handler('process.exit(7);'), {}, /ended by itself \(exit code 7\)/],
    [
      'crashes later',
      handler(`setTimeout(() => { throw new Error('late') }, 1); await new Promise(() => {});`),
      {},
      /late/,
    ],
    [
      'hangs',
      handler('await new Promise(() => {});'),
      { timeoutMs: 300 },
      /did not end within 300 ms/,
    ],
    ['spins', handler('for (;;);'), { timeoutMs: 300 }, /did not end within 300 ms/],
    [
      'fills its heap',
      handler('const a = []; for (;;) a.push({ a: [a.length] });'),
      { memoryMB: 64 },
      /memory/,
    ],
    [
      'fills memory outside it',
      handler(`const a = []; for (;;) { a.push(Buffer.alloc(5_000_000, 1)); await 0; }`),
      { memoryMB: 64 },
      /memory/,
    ],
    [
      'puts too much',
      handler(`await put('big', Buffer.alloc(2_000_000));`),
      { maxOutputBytes: 1_000_000 },
      /put more than 1.00 MB/,
    ],
    [
      'puts too many',
      handler(`for (let i = 0; i < 5; i += 1) await put('n' + i, '');`),
      { maxOutputs: 4 },
      /put more than 4 objects/,
    ],
    ['puts one key twice', handler(`await put('a', ''); await put('a', '');`), {}, /put a twice/],
    [
      'reads another object',
      handler(`await context.s3.getObject({ Bucket: bucket.name, Key: 'other' });`),
      {},
      /AccessDenied: a function can read its own object only/,
    ],
    ['has no handler', 'export const other = 1;', {}, /exports no function handler/],
    ['is no code', 'this is not code', {}, /SyntaxError/],
  ];
  test.each(wrong)('it %s', async (_, code, options, message) => {
    await expect(run(code, options)).rejects.toMatchObject({
      name: 'StepFailure',
      step: 'function',
      message: expect.stringMatching(message),
    });
  });

  test('with the end of its log', async () => {
    await expect(run(wrong[0]?.[1] ?? '')).rejects.toMatchObject({
      log: expect.stringMatching(/so far[\s\S]*TypeError: no[\s\S]*handler\.mjs/),
    });
  });
});

describe('a function cannot', () => {
  const tried = (code: string) =>
    run(
      handler(
        `try { ${code}; await put('x', 'done'); } catch (error) { await put('x', String(error.code ?? error)); }`,
      ),
    );

  test('read, write or list files of the host', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'secret'), 'secret');
    const fs = `const fs = await import('node:fs');`;
    for (const attempt of [
      `${fs} fs.readFileSync('${dir}/secret')`,
      `${fs} fs.readdirSync('/')`,
      `${fs} fs.readFileSync('/proc/self/environ')`,
      `${fs} fs.writeFileSync('${dir}/written', 'x')`,
      `await (await import('node:fs/promises')).writeFile('${dir}/written', 'x')`,
    ])
      expect(await tried(attempt)).toEqual({ x: 'ERR_ACCESS_DENIED' });
    expect(existsSync(join(dir, 'written'))).toBe(false);
  });

  test('start a process or a thread, load native code, or signal another process', async () => {
    for (const attempt of [
      `(await import('node:child_process')).execSync('id')`,
      `new (await import('node:worker_threads')).Worker('1', { eval: true })`,
      `process.binding('tcp_wrap')`,
      `process.dlopen({ exports: {} }, '/usr/lib/x.node')`,
      `process.kill(process.ppid, 0)`,
      `(await import('node:inspector')).open(0)`,
    ])
      expect(await tried(attempt)).toEqual({ x: 'ERR_ACCESS_DENIED' });
  });

  test('open a socket', async () => {
    let met = 0;
    const server = createServer(() => {
      met += 1;
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    try {
      for (const attempt of [
        `(await import('node:net')).connect(${port}, '127.0.0.1')`,
        `new (await import('node:net')).Socket().connect(${port}, '127.0.0.1')`,
        `(await import('node:net')).createServer().listen(0)`,
        `(await import('node:dgram')).createSocket('udp4')`,
        `(await import('node:dns')).lookup('example.org', () => {})`,
        `await (await import('node:dns/promises')).resolve('example.org')`,
      ])
        expect(await tried(attempt)).toEqual({ x: 'ERR_ACCESS_DENIED' });
      const { x } = await tried(`await fetch('http://127.0.0.1:${port}')`);
      expect(x).toMatch(/fetch failed/);
      expect(met).toBe(0);
    } finally {
      server.close();
    }
  });
});
