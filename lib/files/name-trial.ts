import { closeSync, ftruncateSync, statfsSync } from 'node:fs';
import { invariant } from '../domain/invariant.ts';
import {
  type DeviceFolder,
  entriesOf,
  openFolder,
  removeEntry,
  removeTree,
  statEntry,
} from './device-folder.ts';
import { createIn } from './device-new-files.ts';
import { errnoOf } from './errno.ts';

/** What can be asked of a file system by trying it, in a folder of our own. */
export interface NameTrial {
  /** Whether a file can be made under a name, and is listed under it. */
  keeps(name: string): boolean;
  /** Whether a file that is made under one name is found under another. */
  findsAs(made: string, asked: string): boolean;
  /** Whether a file can be so large. */
  takesBytes(bytes: number): boolean;
}

/** What file systems say to a name that they do not take; of a plain name each means something else. */
const REFUSALS =
  'EINVAL ENOENT EILSEQ ENAMETOOLONG EACCES EPERM ENOTSUP EOPNOTSUPP EISDIR ENOTDIR ENXIO EEXIST EPROTO'.split(
    ' ',
  );

/** FUSE and exFAT write every byte of a file that is made longer: FAT through FUSE is not told from others. */
const SLOW_TO_GROW = [0x65735546, 0x2011bab0];

/**
 * Tries names in a new folder within an open one, and removes it. Throws file system errors, also where the folder takes
 * no file of a plain name.
 */
export function tryNamesIn<T>(
  parent: DeviceFolder,
  name: string,
  work: (trial: NameTrial) => T,
): T {
  removeEntry(parent, name);
  const folder = openFolder(parent, name, true);
  invariant(folder, `${name} was made and is not there`);
  try {
    closeSync(createIn(folder, 'plain', 0o644));
    removeEntry(folder, 'plain');
    return work(new FolderTrial(folder));
  } finally {
    closeSync(folder.fd);
    removeTree(parent, name);
  }
}

class FolderTrial implements NameTrial {
  readonly #folder: DeviceFolder;

  constructor(folder: DeviceFolder) {
    this.#folder = folder;
  }

  keeps(name: string): boolean {
    // A file system may keep another normal form: that is found under this one, too.
    return this.#withFile(name, () =>
      [...entriesOf(this.#folder)].some(
        (entry) => entry.name.toString('utf8').normalize('NFC') === name.normalize('NFC'),
      ),
    );
  }

  findsAs(made: string, asked: string): boolean {
    return this.#withFile(made, () => statEntry(this.#folder, asked) !== undefined);
  }

  takesBytes(bytes: number): boolean {
    if (SLOW_TO_GROW.includes(statfsSync(this.#folder.path).type)) return true;
    return this.#withFile('large', (fd) => {
      try {
        ftruncateSync(fd, bytes);
      } catch (error) {
        if (errnoOf(error) === 'EFBIG') return false;
      }
      return true;
    });
  }

  #withFile(name: string, ask: (fd: number) => boolean): boolean {
    let fd: number | undefined;
    try {
      fd = createIn(this.#folder, name, 0o644);
      return ask(fd);
    } catch (error) {
      if (!REFUSALS.includes(errnoOf(error) ?? '')) throw error;
      return false;
    } finally {
      if (fd !== undefined) closeSync(fd);
      // By the name it has, which need not be the one that was asked for.
      for (const entry of [...entriesOf(this.#folder)]) removeEntry(this.#folder, entry.name);
    }
  }
}
