import { constants, type Dirent, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import { publish } from '../../files/durable.ts';
import { syncPath } from '../../files/sync.ts';
import type { SignedHead } from '../../keys/custody/head.ts';

/**
 * Signed heads of the custody log as files. Whoever can write to the folder can put anything there: only regular files
 * under the names of heads are heads, and no more of one is read than a head can have.
 */

/** A head that is kept, as far as its name says. */
export interface KeptHead {
  seq: number;
  hash: string;
}

export type HeadFile = KeptHead & { path: string };

const FILE = /^(\d{12})-([0-9a-f]{64})\.cms$/;
const FOLDER = /^\d{8}$/;
/** So many numbers of entries share a folder: a folder is listed whole. */
const FOLDER_SPAN = 10_000;
const BYTES_MAX = 64 * 1024;

const folderOf = (seq: number): string => String(Math.floor(seq / FOLDER_SPAN)).padStart(8, '0');
const fileOf = ({ seq, hash }: KeptHead): string =>
  join(folderOf(seq), `${String(seq).padStart(12, '0')}-${hash}.cms`);

const entriesIn = (dir: string): Dirent[] =>
  existsSync(dir)
    ? readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
    : [];

const isFolder = (entry: Dirent): boolean => FOLDER.test(entry.name) && entry.isDirectory();
const isHead = (entry: Dirent): boolean => FILE.test(entry.name) && entry.isFile();

const foldersIn = (dir: string): string[] =>
  entriesIn(dir)
    .filter(isFolder)
    .map(({ name }) => name);

const filesIn = (dir: string): HeadFile[] =>
  entriesIn(dir)
    .filter(isHead)
    .flatMap(({ name }) => {
      const [, seq, hash] = FILE.exec(name) ?? [];
      return seq && hash ? [{ seq: Number(seq), hash, path: join(dir, name) }] : [];
    });

/** The heads that lie as files, oldest first. */
export const headFiles = (dir: string): HeadFile[] =>
  foldersIn(dir).flatMap((folder) => filesIn(join(dir, folder)));

/** What lies among them and is none, by its path in the folder. */
export const strayFiles = (dir: string): string[] =>
  entriesIn(dir).flatMap((entry) =>
    isFolder(entry)
      ? entriesIn(join(dir, entry.name))
          .filter((file) => !isHead(file))
          .map(({ name }) => join(entry.name, name))
      : [entry.name],
  );

export function newestFile(dir: string): HeadFile | undefined {
  for (const folder of foldersIn(dir).reverse()) {
    const newest = filesIn(join(dir, folder)).at(-1);
    if (newest) return newest;
  }
  return undefined;
}

/** What a head's file holds. Throws when it is no regular file by now, or too large. */
export async function readHeadFile(path: string): Promise<Uint8Array> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > BYTES_MAX)
      throw new WaybillError('SignatureInvalid', { what: 'it', detail: 'no head has that form' });
    return await file.readFile();
  } finally {
    await file.close();
  }
}

export function keepFile(dir: string, head: SignedHead): void {
  const path = join(dir, fileOf(head));
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  publish(path, head.der, 0o600);
  // The names of new folders have to last, too.
  for (const folder of [dir, dirname(dir)]) syncPath(folder);
}
