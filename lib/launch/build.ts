import { createHash } from 'node:crypto';
import { type Dirent, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alone } from './alone.mjs';
import { bundleAdmin, bundleAgent } from './bundle/bundle.ts';
import { describeSizes } from './bundle/sizes.ts';
import { ROOT } from './root.mjs';
import { runQuietly } from './run.mjs';

const MARK = `${ROOT}.next/waybill-sources`;
const SOURCES = [
  'app',
  'lib',
  'agent',
  'drizzle',
  'next.config.mjs',
  'instrumentation.ts',
  'proxy.ts',
];
const ALWAYS = ['package-lock.json', 'tsconfig.json', 'package.json'];

/** Bundles the programs and builds the console, unless that was done from these very sources. */
export async function buildIfNeeded(): Promise<void> {
  const key = digestOf([...SOURCES, ...ALWAYS]);
  if (isBuilt(key)) return;
  await alone(async () => {
    if (isBuilt(key)) return;
    console.error('building (once) …');
    rmSync(MARK, { force: true });
    console.error(describeSizes(await bundleAgent()));
    await bundleAdmin();
    runQuietly(process.execPath, ['node_modules/next/dist/bin/next', 'build'], {
      NODE_ENV: 'production',
    });
    writeFileSync(MARK, key);
  });
}

function isBuilt(key: string): boolean {
  const programs = ['dist/waybill.mjs', 'dist/waybill-admin.mjs'];
  const built = existsSync(MARK) && readFileSync(MARK, 'utf8') === key;
  return built && programs.every((file) => existsSync(ROOT + file));
}

function digestOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of paths.flatMap((path) => [...filesBelow(path)]).sort()) {
    hash.update(`${file}\0`).update(readFileSync(ROOT + file));
  }
  return hash.digest('hex');
}

function* filesBelow(path: string): Generator<string> {
  let entries: Dirent[];
  try {
    entries = readdirSync(ROOT + path, { withFileTypes: true });
  } catch {
    yield path;
    return;
  }
  for (const entry of entries) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) yield* filesBelow(below);
    else if (!/\.(test\.tsx?|png|md)$/.test(entry.name)) yield below;
  }
}
