import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { ROOT } from '../root.mjs';

/** Tests of the folders in which something changed since the upstream branch, else `main`, with what is not committed. */
export function changedTests(): string[] {
  const files = askGit('ls-files', '--cached', '--others', '--exclude-standard');
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
    ...askGit('diff', '--name-only', '--no-renames', base),
    ...askGit('ls-files', '--others', '--exclude-standard'),
  ];
}

function mergeBase(branch: string): string | undefined {
  return askGit('merge-base', 'HEAD', branch)[0];
}

/** The lines that a command of git says; none when it fails. */
function askGit(...args: string[]): string[] {
  const { status, stdout } = spawnSync('git', args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return status === 0 ? stdout.split('\n').filter(Boolean) : [];
}
