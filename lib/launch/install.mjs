import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { alone } from './alone.mjs';
import { ROOT } from './root.mjs';

/** Runs with nothing installed: plain JavaScript, nothing but Node. */

const NODE_MIN = [20, 20];

/** Runs a command in the checkout; its output goes to stderr, so that ours stays alone on stdout. Ends this process with its exit code when it fails. */
export function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['inherit', 2, 2],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
  });
  if (error) {
    console.error(`error: ${command} could not be started: ${error.message}`);
    process.exit(2);
  }
  if (status !== 0) process.exit(status ?? 1);
}

/** As `run`, but the output is shown only when the command fails. */
export function runQuietly(command, args, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
  });
  if (!error && status === 0) return;
  console.error(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`);
  process.exit(status ?? 1);
}

/** Installs the packages of the lock file, unless that was done for this very lock file. */
export async function installPackages() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
    console.error(
      `error: Waybill needs Node ${NODE_MIN.join('.')} or newer; this is ${process.version}`,
    );
    process.exit(2);
  }
  const lock = createHash('sha256')
    .update(readFileSync(`${ROOT}package-lock.json`))
    .digest('hex');
  const mark = `${ROOT}node_modules/.waybill-installed`;
  const key = `${lock} ${process.version}`;
  if (existsSync(mark) && readFileSync(mark, 'utf8') === key) return;
  await alone(() => {
    if (existsSync(mark) && readFileSync(mark, 'utf8') === key) return;
    console.error('installing packages (once) …');
    // Where no ready-made binary fits, better-sqlite3 is compiled: with all processors.
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { JOBS: 'max' });
    writeFileSync(mark, key);
  });
}
