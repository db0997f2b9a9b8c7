import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { alone } from './alone.mjs';
import { ROOT } from './root.mjs';
import { run } from './run.mjs';
import { has, installSystemPackages } from './system-packages.mjs';

/** Runs with nothing installed: plain JavaScript, nothing but Node. */

const NODE_MIN = [20, 20];
const COMPILERS = ['g++', 'make', 'python3'];

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
    const compiling = compilers();
    console.error('installing packages (once) …');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], compiling);
    writeFileSync(mark, key);
  });
}

/**
 * How better-sqlite3, the one native package, comes to be: compiled here, with Node's own headers and nothing
 * from elsewhere than the registry. Without compilers its ready-made binary is tried.
 */
function compilers() {
  if (!COMPILERS.every(has) && !installSystemPackages('build-essential', 'python3')) {
    console.error(
      `note: ${COMPILERS.join(', ')} are not all there; if the next step fails, install them`,
    );
    return {};
  }
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const headers = existsSync(join(prefix, 'include/node/node.h'));
  return {
    JOBS: 'max',
    npm_config_build_from_source: 'true',
    ...(headers && { npm_config_nodedir: prefix }),
  };
}
