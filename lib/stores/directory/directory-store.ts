import { closeSync, fchmodSync, openSync, readSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import { KEY_RULES, type KeyRules, keyProblem } from '../../domain/object-keys.ts';
import { lstatOf, makeFolder, makeFolders, writeAll } from '../../files/file-access.ts';
import { syncFileSystem, syncPath } from '../../files/sync.ts';
import { MARKER_FILE } from '../local/bucket-marker.ts';
import { BucketPlace } from '../local/bucket-place.ts';
import { openFile, writeProbe } from '../local/local-files.ts';
import { PendingFiles } from '../local/pending-files.ts';
import { TEMPORARY_DIR, TemporaryFolder } from '../local/temporary-folder.ts';
import type { KeyRange } from '../range/key-range.ts';
import { newProbeName } from '../remote/probe-key.ts';
import type {
  FlushProblem,
  NewObject,
  ObjectReader,
  Store,
  StoredObject,
  SyncWriter,
} from '../store.ts';
import { onStore } from '../store-errors.ts';
import type { FolderSpec } from '../store-spec.ts';
import { setFileTime } from './file-times.ts';
import { listDirectory } from './list.ts';
import { WriteBack } from './write-back.ts';

/** NAME_MAX of Linux's file systems. */
const SEGMENT_BYTES_MAX = 255;
const SLASH = 0x2f;
/** Of Linux, with the NUL at the end. */
const PATH_MAX = 4096;
/** What is restored into a directory is no object of a store. */
const TREE_RULES: KeyRules = { keyBytesMax: PATH_MAX, objectBytesMax: Number.MAX_SAFE_INTEGER };
/** Commits kept until a flush; beyond it they are flushed early. */
const PENDING_MAX = 10_000;
const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{2,62}$/;

/** Opens a directory store. Objects are files at `<root>/<bucket>/<key>`. */
export function openDirectoryStore(spec: FolderSpec): Store {
  return new DirectoryStore(spec);
}

/** Makes a bucket; one that exists is left as it is. Throws BadRequest for a name S3 would not take, StoreUnavailable. */
export function createBucket(root: string, bucket: string): void {
  if (!BUCKET_NAME.test(bucket)) {
    throw new WaybillError('BadRequest', {
      detail: 'a bucket name has 3 to 63 lower-case letters, digits, dots and hyphens',
    });
  }
  onStore(() => makeFolders(join(root, bucket)));
}

class DirectoryStore implements Store {
  readonly kind = 'directory';
  readonly concurrency = 1;
  readonly keyRules: KeyRules;
  readonly #bucketDir: string;
  readonly #isOneFileSystem: boolean;
  readonly #isTree: boolean;
  readonly #place: BucketPlace;
  readonly #temporaries: TemporaryFolder;
  /** Folders known to be real directories inside the bucket, by their path in latin1 (one character a byte). */
  readonly #folders = new Set<string>();
  readonly #pending = new PendingFiles();
  /** Empty directories made since the last flush. */
  #madeFolders: Buffer[] = [];
  /** The key that `stat` found free last: most often the next one to be put. */
  #free: Uint8Array | undefined;

  constructor(spec: FolderSpec) {
    this.keyRules = spec.isTree ? TREE_RULES : KEY_RULES.directory;
    this.#isTree = spec.isTree ?? false;
    this.#place = new BucketPlace(spec);
    this.#bucketDir = this.#place.dir;
    this.#isOneFileSystem = spec.isOneFileSystem ?? false;
    this.#temporaries = new TemporaryFolder(this.#bucketDir);
  }

  check(): undefined {
    this.#place.requireAnew();
    onStore(() => this.#temporaries.removeAbandoned());
    const probe = this.#temporaries.newPath();
    onStore(() => {
      const fd = openSync(probe, 'wx', 0o600);
      try {
        writeAll(fd, Buffer.from('1'));
      } finally {
        closeSync(fd);
        unlinkSync(probe);
      }
    });
  }

  probe(stem: Uint8Array, bytes: number): number {
    this.#place.requireAnew();
    const temporary = this.#temporaries.newPath();
    const name = Buffer.from(`/${newProbeName()}`);
    return onStore(() => {
      const tried = writeProbe(temporary, bytes);
      let folder = Buffer.from(stem);
      // The nearest one that is there already: the others would be made below it.
      do folder = Buffer.from(folder.subarray(0, Math.max(0, folder.lastIndexOf(SLASH))));
      while (folder.length > 0 && !lstatOf(this.#pathOf(folder))?.isDirectory());
      const placed = Buffer.concat([this.#pathOf(folder), name]);
      try {
        renameSync(temporary, placed);
        unlinkSync(placed);
        return tried;
      } finally {
        rmSync(temporary, { force: true });
      }
    });
  }

  list(range: KeyRange): AsyncIterable<StoredObject> {
    this.#place.require();
    this.#publish();
    return listDirectory(this.#bucketDir, range);
  }

  stat(key: Uint8Array): StoredObject | undefined {
    this.#checkKey(key);
    const pending = this.#pending.find(Buffer.from(key).toString('latin1'));
    if (!pending && !this.#checkFolders(key, false)) return undefined;
    const stat = onStore(() => lstatOf(pending ?? this.#pathOf(key)));
    if (!stat && key.at(-1) !== SLASH) this.#free = key;
    const wanted = key.at(-1) === SLASH ? stat?.isDirectory() : stat?.isFile();
    if (!stat || !wanted) return undefined;
    const bytes = stat.isDirectory() ? 0 : Number(stat.size);
    return { key: Buffer.from(key), bytes, mtimeNs: stat.mtimeNs, mode: Number(stat.mode) & 0o777 };
  }

  open(key: Uint8Array): ObjectReader {
    this.#checkKey(key);
    this.#place.require();
    const pending = this.#pending.find(Buffer.from(key).toString('latin1'));
    if (!pending && !this.#checkFolders(key, false)) throw new WaybillError('ObjectVanished');
    const fd = openFile(pending ?? this.#pathOf(key));
    return {
      read: (buffer, offset, length) => onStore(() => readSync(fd, buffer, offset, length, null)),
      close: () => closeSync(fd),
    };
  }

  put(object: NewObject): SyncWriter {
    this.#place.require();
    if (this.#free !== object.key) {
      this.#checkKey(object.key);
      if (object.key.at(-1) === SLASH) return this.#putFolder(object.key);
      const there = onStore(() => lstatOf(this.#pathOf(object.key)));
      if (there && !there.isFile()) throw new WaybillError('StoreKeyConflict');
    }
    this.#free = undefined;
    const temporary = this.#temporaries.newPath();
    const fd = onStore(() => openSync(temporary, 'wx', 0o600));
    const writeBack = new WriteBack(temporary);
    let open = true;
    let lost: string | undefined;
    const closeFile = () => {
      open = false;
      writeBack.close();
      closeSync(fd);
    };
    const discard = () => {
      if (!open) return;
      closeFile();
      rmSync(temporary, { force: true });
    };
    return {
      write: (chunk) =>
        onStore(() => {
          writeAll(fd, chunk);
          writeBack.wrote(chunk.length);
        }),
      commit: () => {
        try {
          onStore(() => {
            this.#checkFolders(object.key, true);
            const mode = (object.mode & 0o777) | 0o600;
            if (mode !== 0o600) fchmodSync(fd, mode);
            lost = setFileTime(fd, object.mtimeNs);
          });
        } catch (error) {
          discard();
          throw error;
        }
        closeFile();
        this.#pending.add(object.key, temporary);
        if (this.#pending.size >= PENDING_MAX) this.#publish();
      },
      abort: discard,
      lost: () => lost,
    };
  }

  flush(): FlushProblem[] {
    this.#publish();
    return this.#pending.takeProblems();
  }

  #publish(): void {
    onStore(() => {
      if (this.#pending.size > 0) this.#sync(this.#pending.temporaries());
      const published = this.#pending.publish((key) => this.#pathOf(key));
      if (published.length + this.#madeFolders.length > 0) this.#sync(this.#madePaths(published));
      this.#madeFolders = [];
    });
  }

  close(): void {
    try {
      this.#publish();
    } finally {
      this.#temporaries.close();
    }
  }

  #putFolder(key: Buffer): SyncWriter {
    return {
      write: () => {
        throw new WaybillError('KeyRefused', { detail: 'a directory has no bytes' });
      },
      commit: () => {
        onStore(() => {
          this.#checkFolders(Buffer.concat([key, Buffer.from('x')]), true);
        });
        this.#madeFolders.push(this.#pathOf(key));
      },
      abort: () => undefined,
    };
  }

  /** Makes paths durable: the whole file system at once, or one after the other. */
  #sync(paths: Iterable<string | Buffer>): void {
    if (!syncFileSystem(this.#bucketDir)) for (const path of paths) syncPath(path);
  }

  /** Files by key in latin1, and the folders that may hold them. */
  *#madePaths(files: string[]): Generator<string | Buffer> {
    for (const name of files) yield this.#pathOf(Buffer.from(name, 'latin1'));
    yield* this.#madeFolders;
    for (const folder of this.#folders) yield this.#pathOf(Buffer.from(folder, 'latin1'));
    yield this.#bucketDir;
  }

  #checkKey(key: Uint8Array): void {
    const text = Buffer.from(key).toString('latin1');
    const reserved = this.#reservedName(text);
    const tooLong = text.split('/').some((segment) => segment.length > SEGMENT_BYTES_MAX);
    const detail = reserved
      ? `${reserved} is reserved`
      : (keyProblem(key, this.keyRules) ??
        (tooLong ? 'a part of it is over 255 bytes' : this.#pathProblem(key)));
    if (detail) throw new WaybillError('KeyRefused', { detail });
  }

  #reservedName(key: string): string | undefined {
    if (key === TEMPORARY_DIR || key.startsWith(`${TEMPORARY_DIR}/`)) return TEMPORARY_DIR;
    // What is restored into a directory may have come from a bucket with everything in it.
    const isMarker = key === MARKER_FILE || key.startsWith(`${MARKER_FILE}/`);
    return isMarker && !this.#isTree ? MARKER_FILE : undefined;
  }

  #pathProblem(key: Uint8Array): string | undefined {
    const bytes = Buffer.byteLength(this.#bucketDir) + 1 + key.length;
    return bytes < PATH_MAX ? undefined : `its path would have ${bytes} bytes`;
  }

  /**
   * Walks the folders of a key from the bucket down, so that no symbolic link on the way leads outside.
   * Returns whether they are all there; with `create` missing ones are made. Throws StoreKeyConflict.
   */
  #checkFolders(key: Uint8Array, create: boolean): boolean {
    if (this.#isOneFileSystem) this.#place.require();
    for (let slash = key.indexOf(SLASH); slash >= 0; slash = key.indexOf(SLASH, slash + 1)) {
      const folder = Buffer.from(key.subarray(0, slash));
      const name = folder.toString('latin1');
      if (this.#folders.has(name)) continue;
      const path = this.#pathOf(folder);
      let stat = lstatOf(path);
      if (!stat && !create) return false;
      if (this.#pending.find(name)) throw new WaybillError('StoreKeyConflict');
      if (!stat) {
        this.#place.require();
        makeFolder(path);
        stat = lstatOf(path);
      }
      if (!stat?.isDirectory()) throw new WaybillError('StoreKeyConflict');
      if (this.#isOneFileSystem && stat.dev !== this.#place.device)
        throw new WaybillError('StoreKeyConflict');
      this.#folders.add(name);
    }
    return true;
  }

  #pathOf(key: Uint8Array): Buffer {
    return Buffer.concat([Buffer.from(`${this.#bucketDir}/`), key]);
  }
}
