import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '../domain/errors.ts';
import { KEY_RULES, keyProblem } from '../domain/object-keys.ts';
import { listDirectory } from './directory-list.ts';
import type {
  NewObject,
  ObjectReader,
  ObjectWriter,
  Store,
  StoredObject,
  StoreSpec,
} from './store.ts';
import { errnoOf, onStore, storeError } from './store-errors.ts';
import { syncFileSystem, syncPath } from './sync-tree.ts';

/** Unfinished objects of a bucket; not listed, and no key may begin with it. */
export const TEMPORARY_DIR = '.waybill-tmp';

/** NAME_MAX of Linux's file systems. */
const SEGMENT_BYTES_MAX = 255;
const ABANDONED_MS = 7 * 86_400_000;
const SLASH = 0x2f;
/** Paths kept for the file-by-file flush; beyond it the batch is flushed early. */
const UNSYNCED_MAX = 10_000;
const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{2,62}$/;

/** Opens a directory store. Objects are files at `<root>/<bucket>/<key>`. */
export function openDirectoryStore(spec: StoreSpec): Store {
  return new DirectoryStore(spec);
}

/** Makes a bucket; one that exists is left as it is. Throws BadRequest for a name S3 would not take, StoreUnavailable. */
export function createBucket(root: string, bucket: string): void {
  if (!BUCKET_NAME.test(bucket)) {
    throw new WaybillError('BadRequest', {
      detail: 'a bucket name has 3 to 63 lower-case letters, digits, dots and hyphens',
    });
  }
  onStore(() => mkdirSync(join(root, bucket), { recursive: true }));
}

class DirectoryStore implements Store {
  readonly kind = 'directory';
  readonly keyRules = KEY_RULES.directory;
  readonly #bucketDir: string;
  readonly #bucket: string;
  /** Folders known to be real directories inside the bucket, by their path in latin1 (one character a byte). */
  readonly #folders = new Set<string>();
  #unsynced: Buffer[] = [];
  #temporaries: string | undefined;
  #checked = false;

  constructor(spec: StoreSpec) {
    this.#bucket = spec.bucket;
    this.#bucketDir = join(spec.root, spec.bucket);
  }

  check(): void {
    this.#requireBucket();
    onStore(() => this.#removeAbandoned());
    const probe = Buffer.from(`.waybill-check-${randomUUID()}`);
    const writer = this.put({ key: probe, bytes: 1, mtimeNs: 0n, mode: 0o600 });
    writer.write(Buffer.from('1'));
    writer.commit();
    onStore(() => unlinkSync(this.#pathOf(probe)));
  }

  list(range: { prefix: string; begin?: string; end?: string }): AsyncIterable<StoredObject> {
    this.#requireBucket();
    return listDirectory(this.#bucketDir, range);
  }

  stat(key: Uint8Array): StoredObject | undefined {
    this.#checkKey(key);
    if (!this.#checkFolders(key, false)) return undefined;
    const stat = onStore(() => lstatOf(this.#pathOf(key)));
    const wanted = key.at(-1) === SLASH ? stat?.isDirectory() : stat?.isFile();
    if (!stat || !wanted) return undefined;
    const bytes = stat.isDirectory() ? 0 : Number(stat.size);
    return { key: Buffer.from(key), bytes, mtimeNs: stat.mtimeNs, mode: Number(stat.mode) & 0o777 };
  }

  open(key: Uint8Array): ObjectReader {
    this.#checkKey(key);
    this.#requireBucket();
    if (!this.#checkFolders(key, false)) throw new WaybillError('ObjectVanished');
    const fd = openFile(this.#pathOf(key));
    return {
      read: (buffer, offset, length) => onStore(() => readSync(fd, buffer, offset, length, null)),
      close: () => closeSync(fd),
    };
  }

  put(object: NewObject): DirectoryWriter {
    this.#checkKey(object.key);
    this.#requireBucket();
    if (object.key.at(-1) === SLASH) return this.#putFolder(object.key);
    const target = this.#pathOf(object.key);
    const there = onStore(() => lstatOf(target));
    if (there && !there.isFile()) throw new WaybillError('StoreKeyConflict');
    const temporary = join(this.#temporaryDir(), randomUUID());
    const fd = onStore(() => openSync(temporary, 'wx', 0o600));
    let open = true;
    const discard = () => {
      if (!open) return;
      open = false;
      closeSync(fd);
      rmSync(temporary, { force: true });
    };
    return {
      write: (chunk) => onStore(() => writeAll(fd, chunk)),
      commit: () => {
        try {
          onStore(() => {
            this.#checkFolders(object.key, true);
            finishFile(fd, (object.mode & 0o777) | 0o600, object.mtimeNs);
            renameSync(temporary, target);
          });
        } catch (error) {
          discard();
          throw error;
        }
        open = false;
        closeSync(fd);
        this.#remember(target);
      },
      abort: discard,
    };
  }

  flush(): void {
    onStore(() => {
      if (this.#unsynced.length > 0 && !syncFileSystem(this.#bucketDir)) this.#syncEach();
    });
    this.#unsynced = [];
  }

  close(): void {
    if (!this.#temporaries) return;
    rmSync(this.#temporaries, { recursive: true, force: true });
    this.#temporaries = undefined;
    removeIfEmpty(join(this.#bucketDir, TEMPORARY_DIR));
  }

  #putFolder(key: Buffer): DirectoryWriter {
    return {
      write: () => {
        throw new WaybillError('KeyRefused', { detail: 'a directory has no bytes' });
      },
      commit: () => {
        onStore(() => {
          this.#checkFolders(Buffer.concat([key, Buffer.from('x')]), true);
        });
        this.#remember(this.#pathOf(key));
      },
      abort: () => undefined,
    };
  }

  #remember(path: Buffer): void {
    this.#unsynced.push(path);
    if (this.#unsynced.length >= UNSYNCED_MAX) this.flush();
  }

  #syncEach(): void {
    for (const path of this.#unsynced) syncPath(path);
    for (const folder of this.#folders) syncPath(this.#pathOf(Buffer.from(folder, 'latin1')));
    syncPath(this.#bucketDir);
  }

  /** Once an instance; a symbolic link is not a bucket. */
  #requireBucket(): void {
    if (this.#checked) return;
    const stat = lstatSync(this.#bucketDir, { throwIfNoEntry: false });
    if (!stat?.isDirectory()) throw new WaybillError('BucketNotFound', { bucket: this.#bucket });
    this.#checked = true;
  }

  /** Each opened store has a folder of its own, so that closing one takes nothing from another. */
  #temporaryDir(): string {
    if (!this.#temporaries) {
      const parent = join(this.#bucketDir, TEMPORARY_DIR);
      const dir = join(parent, randomUUID());
      onStore(() => {
        mkdirSync(parent, { recursive: true, mode: 0o700 });
        requireFolder(parent);
        mkdirSync(dir, { mode: 0o700 });
      });
      this.#temporaries = dir;
    }
    return this.#temporaries;
  }

  /** Removes what killed processes left; a folder in use is younger. */
  #removeAbandoned(): void {
    const dir = join(this.#bucketDir, TEMPORARY_DIR);
    if (!lstatSync(dir, { throwIfNoEntry: false })) return;
    requireFolder(dir);
    const before = Date.now() - ABANDONED_MS;
    for (const name of readdirSync(dir)) {
      const stat = lstatSync(join(dir, name), { throwIfNoEntry: false });
      if (stat && stat.mtimeMs < before) rmSync(join(dir, name), { recursive: true, force: true });
    }
  }

  #checkKey(key: Uint8Array): void {
    const text = Buffer.from(key).toString('latin1');
    const reserved = text === TEMPORARY_DIR || text.startsWith(`${TEMPORARY_DIR}/`);
    const tooLong = text.split('/').some((segment) => segment.length > SEGMENT_BYTES_MAX);
    const detail = reserved
      ? `${TEMPORARY_DIR} is reserved`
      : (keyProblem(key, this.keyRules) ??
        (tooLong ? 'a part of it is over 255 bytes' : undefined));
    if (detail) throw new WaybillError('KeyRefused', { detail });
  }

  /**
   * Walks the folders of a key from the bucket down, so that no symbolic link on the way leads outside.
   * Returns whether they are all there; with `create` missing ones are made. Throws StoreKeyConflict.
   */
  #checkFolders(key: Uint8Array, create: boolean): boolean {
    for (let slash = key.indexOf(SLASH); slash >= 0; slash = key.indexOf(SLASH, slash + 1)) {
      const folder = Buffer.from(key.subarray(0, slash));
      const name = folder.toString('latin1');
      if (this.#folders.has(name)) continue;
      const path = this.#pathOf(folder);
      let stat = lstatOf(path);
      if (!stat && !create) return false;
      if (!stat) {
        makeFolder(path);
        stat = lstatOf(path);
      }
      if (!stat?.isDirectory()) throw new WaybillError('StoreKeyConflict');
      this.#folders.add(name);
    }
    return true;
  }

  #pathOf(key: Uint8Array): Buffer {
    return Buffer.concat([Buffer.from(`${this.#bucketDir}/`), key]);
  }
}

/** The writer of a directory store answers at once. */
interface DirectoryWriter extends ObjectWriter {
  write(chunk: Uint8Array): void;
  commit(): void;
  abort(): void;
}

function lstatOf(path: Buffer) {
  try {
    return lstatSync(path, { bigint: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

/** Throws StoreUnavailable when a path is no directory of its own, such as a planted symbolic link. */
function requireFolder(dir: string): void {
  if (lstatSync(dir).isDirectory()) return;
  throw new WaybillError('StoreUnavailable', { detail: `${TEMPORARY_DIR} is not a directory` });
}

function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir);
  } catch (error) {
    if (!['ENOTEMPTY', 'ENOENT', 'EEXIST'].includes(errnoOf(error) ?? '')) throw storeError(error);
  }
}

function makeFolder(path: Buffer): void {
  try {
    mkdirSync(path);
  } catch (error) {
    // Another worker was faster; whether it is a directory is looked at next.
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

/** Opens an object's file, never through a symbolic link and never a FIFO or device. Throws ObjectVanished. */
function openFile(path: Buffer): number {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENXIO', 'ENOTDIR'].includes(errnoOf(error) ?? '')) {
      throw new WaybillError('ObjectVanished', {}, { cause: error });
    }
    throw storeError(error);
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new WaybillError('ObjectVanished');
}

function finishFile(fd: number, mode: number, mtimeNs: bigint): void {
  if (mode !== 0o600) fchmodSync(fd, mode);
  // Half a microsecond more, so that what the system cuts off a float leaves the microsecond right.
  const seconds = (Number(mtimeNs / 1000n) + 0.5) / 1e6;
  futimesSync(fd, seconds, seconds);
}

function writeAll(fd: number, chunk: Uint8Array): void {
  for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
}
