import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { csvRecord } from '../../domain/csv.ts';
import { ROOT } from '../console/console-process.ts';

/** So many licenses, and so many pictures, are taken of the installed packages. */
const PIECES_MAX = 40;

/**
 * Makes a small directory of tables, texts and pictures of what every checkout has: the examples, the documents, the
 * list of packages in two formats, and some of what the packages bring.
 */
export function collectSample(dir: string): string {
  cpSync(join(ROOT, 'agent/examples/sample'), dir, { recursive: true });
  addDocuments(join(dir, 'documents'));
  addTables(join(dir, 'tables'));
  const files = readdirSync(join(ROOT, 'node_modules'), { recursive: true, encoding: 'utf8' });
  const found = (pattern: RegExp) =>
    files.filter((file) => pattern.test(file)).slice(0, PIECES_MAX);
  addFiles(found(/(^|\/)licen[cs]e(\.txt)?$/i), join(dir, 'licenses'), () => '.txt');
  addFiles(found(/\.(png|jpe?g|webp|gif)$/), join(dir, 'pictures'), extname);
  copyFileSync(join(ROOT, 'app/_screenshots/job-page.png'), join(dir, 'pictures/console.png'));
  return dir;
}

function addDocuments(dir: string): void {
  mkdirSync(dir);
  for (const name of ['README.md', 'CHANGELOG.md', 'LICENSE'])
    copyFileSync(join(ROOT, name), join(dir, name));
  writeFileSync(join(dir, 'changes.txt.gz'), gzipSync(readFileSync(join(ROOT, 'CHANGELOG.md'))));
}

/** The packages that are installed. */
function addTables(dir: string): void {
  mkdirSync(dir);
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; license?: string; dev?: boolean }>;
  };
  const rows = Object.entries(lock.packages)
    .filter(([path]) => path !== '')
    .map(([path, { version = '', license = '', dev = false }]) => ({
      path,
      version,
      license,
      dev,
    }));
  const records = rows.map((row) => csvRecord(Object.values(row).map(String)));
  const header = csvRecord(Object.keys(rows[0] ?? {}));
  writeFileSync(join(dir, 'packages.csv'), [header, ...records].join(''));
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`);
  writeFileSync(join(dir, 'licenses.jsonl'), lines.join(''));
}

function addFiles(files: string[], dir: string, extension: (file: string) => string): void {
  mkdirSync(dir, { recursive: true });
  for (const file of files) {
    const stem = file.slice(0, file.length - extname(file).length).replaceAll('/', '.');
    copyFileSync(join(ROOT, 'node_modules', file), join(dir, `${stem}${extension(file)}`));
  }
}
