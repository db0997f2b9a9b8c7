import { spawnSync } from 'node:child_process';
import { run } from './run.mjs';

/**
 * Whether a program is there.
 * @param {string} program
 */
export const has = (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;

/**
 * Installs packages of Debian, if this user may. Returns whether it did.
 * @param {string[]} names
 */
export function installSystemPackages(...names) {
  if (process.getuid?.() !== 0 || !has('apt-get')) return false;
  console.error(`installing ${names.join(' and ')} (once) …`);
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], {
    DEBIAN_FRONTEND: 'noninteractive',
  });
  return true;
}
