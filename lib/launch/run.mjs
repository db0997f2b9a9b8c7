import { spawnSync } from 'node:child_process';
import { ROOT } from './root.mjs';

/**
 * Runs a command in the checkout; its output goes to stderr, so that ours stays alone on stdout. Ends this process with
 * its exit code when it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} env
 */
export function run(command, args, env = {}) {
  spawnToEnd(command, args, { stdio: ['inherit', 2, 2], env });
}

/**
 * As `run`, but what the command says on stdout is what this process has to say there.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} env
 */
export function runOnStdout(command, args, env = {}) {
  spawnToEnd(command, args, { stdio: 'inherit', env });
}

/**
 * As `run`, but the output is shown only when the command fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} env
 */
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

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ stdio: import('node:child_process').StdioOptions, env: Record<string, string> }} options
 */
function spawnToEnd(command, args, { stdio, env }) {
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
  });
  if (error) {
    console.error(`error: ${command} could not be started: ${error.message}`);
    process.exit(2);
  }
  if (status !== 0) process.exit(status ?? 1);
}
