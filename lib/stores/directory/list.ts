import { lstatSync, opendirSync } from 'node:fs';
import { errnoOf } from '../../files/errno.ts';
import { MARKER_FILE } from '../local/bucket-marker.ts';
import { TEMPORARY_DIR } from '../local/temporary-folder.ts';
import { boundsOf, type KeyBounds, type KeyRange, within } from '../range/key-range.ts';
import type { StoredObject } from '../store.ts';
import { storeError } from '../store-errors.ts';

const NAMES_A_READ = 1024;
const RESERVED: readonly string[] = [`${TEMPORARY_DIR}/`, MARKER_FILE];

/**
 * Objects below a directory in byte order of their keys. Only one folder's names are in memory a level, so
 * memory grows with the largest folder, not with the tree. Symbolic links and special files are not objects.
 */
export async function* listDirectory(dir: string, range: KeyRange): AsyncGenerator<StoredObject> {
  yield* walk(Buffer.from(`${dir}/`), Buffer.alloc(0), boundsOf(range));
}

function* walk(root: Buffer, folder: Buffer, bounds: KeyBounds): Generator<StoredObject> {
  const { names, isEmpty } = namesOf(Buffer.concat([root, folder]));
  for (const name of names) {
    if (folder.length === 0 && RESERVED.includes(name)) continue;
    const key = Buffer.concat([folder, Buffer.from(name, 'latin1')]);
    if (!mayHold(key, bounds)) continue;
    if (name.endsWith('/')) yield* walk(root, key, bounds);
    else {
      const object = objectAt(root, key);
      if (object) yield object;
    }
  }
  if (isEmpty && folder.length > 0 && within(folder, bounds)) {
    const object = objectAt(root, folder);
    if (object) yield object;
  }
}

/**
 * Names of a folder in the order of their keys: folders end in `/`, which sorts after `.` and before letters.
 * Strings of latin1, one character a byte: they sort like bytes and cost least in folders of a million names.
 */
function namesOf(path: Buffer): { names: string[]; isEmpty: boolean } {
  const names: string[] = [];
  let isEmpty = true;
  try {
    const dir = opendirSync(path, { encoding: 'latin1', bufferSize: NAMES_A_READ });
    try {
      for (let entry = dir.readSync(); entry; entry = dir.readSync()) {
        isEmpty = false;
        if (entry.isFile()) names.push(entry.name);
        else if (entry.isDirectory()) names.push(`${entry.name}/`);
      }
    } finally {
      dir.closeSync();
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { names: [], isEmpty: false };
    throw storeError(error);
  }
  return { names: names.sort(), isEmpty };
}

function objectAt(root: Buffer, key: Buffer): StoredObject | undefined {
  const stat = lstatSync(Buffer.concat([root, key]), { bigint: true, throwIfNoEntry: false });
  if (!stat || !(stat.isFile() || stat.isDirectory())) return undefined;
  const bytes = stat.isFile() ? Number(stat.size) : 0;
  return { key, bytes, mtimeNs: stat.mtimeNs, mode: Number(stat.mode) & 0o777 };
}

/** Whether a key, or any key below it when it is a folder, can be in the range. */
function mayHold(key: Buffer, bounds: KeyBounds): boolean {
  if (key.at(-1) !== 0x2f) return within(key, bounds);
  const { prefix, begin, end } = bounds;
  const common = Math.min(key.length, prefix.length);
  if (!key.subarray(0, common).equals(prefix.subarray(0, common))) return false;
  if (end && Buffer.compare(key, end) > 0) return false;
  return !begin || Buffer.compare(key, begin.subarray(0, key.length)) >= 0;
}
