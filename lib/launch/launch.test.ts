import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tempDir } from '../testing/temp.ts';
import { ROOT, startConsole } from './console/console-process.ts';
import { demoOptions } from './demo/options.ts';
import { start } from './start.ts';

const ALONE = fileURLToPath(new URL('./alone.mjs', import.meta.url));

/** Runs a line of JavaScript as a process of its own, with \`alone\` at hand. */
function script(line: string): Promise<number | null> {
  const code = `import { appendFileSync } from 'node:fs'; import { alone } from ${JSON.stringify(ALONE)}; ${line}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' });
  return new Promise((resolve) => child.once('exit', resolve));
}

describe('installing and building', () => {
  test('is done by one command at a time, also after one that was killed', async () => {
    const dir = tempDir();
    const [claim, log] = [join(dir, 'claim'), join(dir, 'log')];
    writeFileSync(claim, '4194304999');
    const work = `await alone(async () => {
      appendFileSync(${JSON.stringify(log)}, 'begin\\n');
      await new Promise((done) => setTimeout(done, 50));
      appendFileSync(${JSON.stringify(log)}, 'end\\n');
    }, ${JSON.stringify(claim)})`;
    const codes = await Promise.all([script(work), script(work), script(work)]);
    expect(codes).toEqual([0, 0, 0]);
    expect(readFileSync(log, 'utf8')).toBe('begin\nend\n'.repeat(3));
  });

  test('that fails leaves the way free', async () => {
    const claim = join(tempDir(), 'claim');
    const fails = `await alone(() => process.exit(7), ${JSON.stringify(claim)})`;
    expect(await script(fails)).toBe(7);
    expect(await script(`await alone(() => {}, ${JSON.stringify(claim)})`)).toBe(0);
  });
});

test('a port that something serves at is refused, whatever it answers', async () => {
  const other = createServer((_request, response) => response.end('{"status":"ok"}'));
  onTestFinished(() => void other.close());
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const options = { host: '127.0.0.1', port, dataDir: tempDir(), station: true, log: 'hide' };
  await expect(startConsole({ ...options, log: 'hide' })).rejects.toMatchObject({
    code: 'PortUnusable',
  });
});

describe('a command line that is wrong', () => {
  const wrong = [
    ...[
      ['--option', 'zip'],
      ['--type', 'both'],
      ['--until', 'never'],
      ['--size', 'large'],
      ['--process', 'nowhere.json'],
    ],
    ...[['--bogus'], ['stray'], ['--source', fileURLToPath(import.meta.url)]],
  ];
  test.each(wrong.map((argv) => [argv.join(' '), argv]))('of the demo: %s', (_, argv) => {
    expect(() => demoOptions(argv as string[])).toThrow(expect.objectContaining({ exit: 2 }));
  });

  test.each([['--port', '70000'], ['--port', 'http'], ['--bogus']])(
    'of start: %s %s',
    async (...argv) => {
      expect(await start(argv.filter((word) => word !== undefined))).toBe(2);
    },
  );
});

test('a signal to npm reaches the program that it started', async () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const dir = tempDir();
  mkdirSync(join(dir, 'lib/launch'), { recursive: true });
  for (const name of ['start', 'demo']) {
    writeFileSync(
      join(dir, 'package.json'),
      JSON.stringify({ scripts: { [name]: scripts[name] } }),
    );
    writeFileSync(
      join(dir, 'lib/launch/main.mjs'),
      "process.once('SIGTERM', () => { console.log('ended'); process.exit(0); }); setInterval(() => {}, 1000); console.log('up');",
    );
    const npm = spawn('npm', ['run', '--silent', name, '--', '--port', '1'], { cwd: dir });
    let said = '';
    npm.stdout.on('data', (chunk) => {
      said += chunk;
      if (said === 'up\n') npm.kill('SIGTERM');
    });
    // Not `close`: a program that was left behind would hold the pipe, and this test, open.
    await new Promise((resolve) => npm.once('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(said).toBe('up\nended\n');
  }
});
