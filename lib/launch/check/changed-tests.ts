import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import { ROOT } from '../root.mjs';

/** Tests of the folders in which something changed since the upstream branch, else `main`, with what is not committed. */
export function changedTests(): string[] {
  const files = listFiles('ls-files', '-z', '--cached', '--others', '--exclude-standard');
  return testsBeside(
    changedFiles(),
    files.filter((file) => existsSync(`${ROOT}${file}`)),
  );
}

/** The tests in the folders of some files. */
export function testsBeside(changed: readonly string[], files: readonly string[]): string[] {
  const folders = new Set(changed.map((file) => dirname(file)));
  return files.filter((file) => /\.test\.ts$/.test(file) && folders.has(dirname(file)));
}

function changedFiles(): string[] {
  const base = mergeBase('@{upstream}') ?? mergeBase('main') ?? 'HEAD';
  return [
    // Of a file that was moved both names: the tests that it left may fail as well.
    ...listFiles('diff', '-z', '--name-only', '--no-renames', base),
    ...listFiles('ls-files', '-z', '--others', '--exclude-standard'),
  ];
}

function mergeBase(branch: string): string | undefined {
  const { status, stdout } = askGit('merge-base', 'HEAD', branch);
  return status === 0 ? stdout.trim() : undefined;
}

/** The names that a command of git lists, as they are (`-z`). Without them nothing would be tested, and all pass. */
function listFiles(...args: string[]): string[] {
  const { status, stdout, stderr } = askGit(...args);
  if (status !== 0)
    throw new WaybillError('Usage', { detail: `git ${args[0]} ended with ${status}: ${stderr}` });
  return stdout.split('\0').filter(Boolean);
}

const askGit = (...args: string[]) =>
  spawnSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
