import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { errnoOf } from '../../files/errno.ts';
import { openStore } from '../../stores/open.ts';
import type { ObjectReader, StoredObject } from '../../stores/store.ts';
import { isBlockDevice, openDevice, statOf } from './image-source.ts';
import type { ScanEntry } from './scan-list.ts';
import { isUnsettled, readProblem, SETTLING_MS, typeName } from './scan-tree.ts';
import type {
  ImageSource,
  SourceObject,
  SourceOpener,
  SourceSpec,
  StoreSource,
  TreeSource,
} from './source-spec.ts';

export function openSource(source: SourceSpec, signal: AbortSignal): SourceOpener {
  if (source.kind === 'store') return storeOpener(source, signal);
  if (source.kind === 'tree') return treeOpener(source);
  const { path } = source;
  return (entry, afresh) =>
    isBlockDevice(path)
      ? openDevice(path, entry, afresh)
      : openFile(Buffer.from(path), entry, afresh);
}

/** Whether a source is a store at an endpoint. */
export const isRemote = (source: SourceSpec): boolean =>
  source.kind === 'store' && !('root' in source.spec);

/** How a tree is read, or the key of an image. */
export interface SourceChoices extends Pick<TreeSource, 'symlinks' | 'changing'> {
  name?: string | undefined;
}

/**
 * What a path stands for as a source: a folder for what lies in it, a block device or a file for one object, whose
 * key is `name`. Anything else is refused when it is looked at. Throws Usage.
 */
export function sourceAt(
  path: string,
  { symlinks, changing, name }: SourceChoices,
): TreeSource | ImageSource {
  const stat = statOf(path);
  if (stat?.isFile() || stat?.isBlockDevice()) {
    const ownName = stat.isBlockDevice() ? `${basename(path)}.raw` : basename(path);
    return { kind: 'image', path, key: name ?? ownName };
  }
  if (name === undefined) return { kind: 'tree', root: path, symlinks, changing };
  const detail = '--name is the key of an image; what lies in a directory keeps its names';
  throw new WaybillError('Usage', { detail });
}

function treeOpener({ root, symlinks }: TreeSource): SourceOpener {
  const base = Buffer.from(root.endsWith('/') ? root : `${root}/`);
  const noFollow = symlinks === 'skip' ? constants.O_NOFOLLOW : 0;
  return (entry, afresh) => {
    const { key } = entry;
    const path = Buffer.allocUnsafe(base.length + key.length);
    base.copy(path);
    key.copy(path, base.length);
    return openFile(path, entry, afresh, noFollow);
  };
}

function openFile(path: Buffer, entry: ScanEntry, afresh: boolean, noFollow = 0): SourceObject {
  const fd = onSource(entry.key, () =>
    // O_NONBLOCK: a file that has become a FIFO must not hold the thread for ever.
    openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | noFollow),
  );
  const object = new TreeObject(fd, entry);
  if (!afresh) return object;
  try {
    object.lookAgain();
  } catch (error) {
    object.close();
    throw error;
  }
  return object;
}

/** A file, or an empty directory, of a tree. */
class TreeObject implements SourceObject {
  bytes: number;
  mtimeNs: bigint;
  mode: number;
  readonly #fd: number;
  readonly #key: Buffer;
  readonly #isDirectory: boolean;

  constructor(fd: number, { key, bytes, mtimeNs, mode }: ScanEntry) {
    this.#fd = fd;
    this.#key = key;
    this.#isDirectory = key.at(-1) === SLASH;
    this.bytes = bytes;
    this.mtimeNs = mtimeNs;
    this.mode = mode;
  }

  read(buffer: Buffer): number {
    if (this.#isDirectory) return 0;
    try {
      return readSync(this.#fd, buffer, 0, buffer.length, null);
    } catch (error) {
      this.#look();
      const { code, facts } = readProblem(this.#key, error);
      throw new WaybillError(code, facts, { cause: error });
    }
  }

  changed(): boolean {
    const now = this.#look();
    return (!this.#isDirectory && Number(now.size) !== this.bytes) || now.mtimeNs !== this.mtimeNs;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Takes what it is now for what it should be. */
  lookAgain(): void {
    let stat = this.#look();
    if (isUnsettled(stat.mtimeNs)) {
      sleep(SETTLING_MS);
      stat = this.#look();
    }
    this.bytes = this.#isDirectory ? 0 : Number(stat.size);
    this.mtimeNs = stat.mtimeNs;
    this.mode = Number(stat.mode) & 0o7777;
  }

  #look() {
    const stat = fstatSync(this.#fd, { bigint: true });
    if (this.#isDirectory ? stat.isDirectory() : stat.isFile()) return stat;
    throw new WaybillError('UnsupportedFileType', {
      type: stat.isDirectory() ? 'directory' : typeName(stat),
    });
  }
}

const SLASH = 0x2f;

/** Blocks the thread, which has nothing else to do. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function storeOpener(source: StoreSource, signal: AbortSignal): SourceOpener {
  const store = openStore(source.spec, signal);
  const { readTwice } = source;
  return async (entry, afresh) => {
    // An object may have such a name and bytes.
    const isDirectory = entry.key.at(-1) === SLASH && entry.bytes === 0;
    const proving = afresh ? 'again' : 'first';
    const reader = isDirectory ? undefined : await store.open(entry.key, proving);
    if (reader?.object) return { ...frozenObject(reader, reader.object, entry), readTwice };
    const before = await store.stat(entry.key);
    if (!before) throw new WaybillError('ObjectVanished');
    return {
      ...before,
      read: (buffer) => reader?.read(buffer, 0, buffer.length) ?? 0,
      changed: async () => {
        const now = await store.stat(entry.key);
        return now?.bytes !== before.bytes || now.mtimeNs !== before.mtimeNs;
      },
      prove: isDirectory ? undefined : () => ({ state: 'silent' }),
      readTwice,
      close: () => reader?.close(),
    };
  };
}

/** An object of which the store gives one version, whatever happens to it: it must be the one that was listed. */
function frozenObject(
  reader: ObjectReader,
  { bytes, mtimeNs, mode }: StoredObject,
  entry: ScanEntry,
): SourceObject {
  const { prover } = reader;
  return {
    bytes,
    mtimeNs,
    mode,
    read: async (buffer) => {
      const got = await reader.read(buffer, 0, buffer.length);
      prover?.update(buffer.subarray(0, got));
      return got;
    },
    // Of an object that could only be listed the time is not known.
    changed: () => {
      const isSameVersion = !entry.unsettled && mtimeNs === entry.mtimeNs;
      // Nobody has written to it: what is short is the answer.
      if (isSameVersion && bytes < entry.bytes) throw shortAnswer(bytes, entry.bytes);
      return bytes !== entry.bytes || (!entry.unsettled && !isSameVersion);
    },
    prove: (taken) => prover?.finish(taken) ?? { state: 'silent' },
    close: () => reader.close(),
  };
}

/** A store that gives fewer bytes of an object than it says that it has. Tried again as what was not answered. */
export const shortAnswer = (got: number, bytes: number): WaybillError =>
  new WaybillError('StoreUnavailable', { detail: `it gives ${got} bytes of ${bytes}`, got });

export const isShortAnswer = (error: unknown): error is WaybillError =>
  isWaybillError(error, 'StoreUnavailable') && error.facts.got !== undefined;

function onSource<T>(key: Buffer, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (errnoOf(error) === 'ELOOP')
      throw new WaybillError('UnsupportedFileType', { type: 'symbolic link' });
    const { code, facts } = readProblem(key, error);
    throw new WaybillError(code, facts, { cause: error });
  }
}
