import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's folder, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Files of the checkout that git knows or would take, as paths below its root. */
export function checkoutFiles(): string[] {
  const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return listed.stdout.split('\n').filter((file) => file && existsSync(join(ROOT, file)));
}

/** Those of them that are TypeScript. */
export const sourceFiles = (): string[] =>
  checkoutFiles().filter((file) => /\.(ts|tsx)$/.test(file));
