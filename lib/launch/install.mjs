import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Runs with nothing installed: plain JavaScript, nothing but Node. */

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
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
export function installPackages() {
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
  alone(() => {
    if (existsSync(mark) && readFileSync(mark, 'utf8') === key) return;
    console.error('installing packages (once) …');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
    writeFileSync(mark, key);
  });
}

const INSTALLING = `${ROOT}.installing`;

/** Two installs at once spoil each other: the second command waits for the first. */
function alone(work) {
  while (!claim()) {
    const holder = readHolder();
    if (holder !== undefined && !isAlive(holder)) rmSync(INSTALLING, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
  }
  // `run` ends the process when a command fails; the claim must not outlive it.
  const release = () => rmSync(INSTALLING, { force: true });
  process.once('exit', release);
  work();
  process.off('exit', release);
  release();
}

const WAIT_MS = 500;

function claim() {
  try {
    writeFileSync(INSTALLING, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder() {
  try {
    return Number(readFileSync(INSTALLING, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
