import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { EXIT, isWaybillError, WaybillError } from '../../domain/errors.ts';
import { parseChange } from '../changes/change.ts';
import { addRelease } from '../changes/gather.ts';
import { ROOT } from '../root.mjs';

const HELP = `Gathers the files of lib/changes into a section of CHANGELOG.md, and removes them.

  npm run changes -- VERSION
`;
const FOLDER = 'lib/changes';
const CHANGELOG = `${ROOT}CHANGELOG.md`;

/** `npm run changes`: writes the section of a release. Returns the exit code. */
export function main(argv: string[]): number {
  if (argv.includes('--help')) {
    process.stdout.write(HELP);
    return EXIT.done;
  }
  try {
    gather(argv);
    return EXIT.done;
  } catch (error) {
    if (!isWaybillError(error)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return error.exit;
  }
}

function gather([version, ...rest]: string[]): void {
  if (version === undefined || rest.length > 0)
    throw new WaybillError('Usage', { detail: 'give the version alone: npm run changes -- 1.2.3' });
  // After a release git keeps no empty folder.
  const names = existsSync(`${ROOT}${FOLDER}`) ? readdirSync(`${ROOT}${FOLDER}`) : [];
  const paths = names.sort().map((name) => `${FOLDER}/${name}`);
  const changes = paths.map((path) => parseChange(path, readFileSync(`${ROOT}${path}`, 'utf8')));
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(CHANGELOG, addRelease(readFileSync(CHANGELOG, 'utf8'), changes, { version, date }));
  for (const path of paths) rmSync(`${ROOT}${path}`);
  process.stdout.write(`${paths.length} changes are in CHANGELOG.md, as version ${version}\n`);
}
