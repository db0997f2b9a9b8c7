import { closeSync, readdirSync, readSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import { type KeyRules, keyProblem } from '../../domain/object-keys.ts';
import type { StoreKind } from '../../domain/words.ts';
import { lstatOf, makeFolder } from '../../files/file-access.ts';
import { syncEntry, syncFileSystem, syncPath } from '../../files/sync.ts';
import { BucketPlace } from '../local/bucket-place.ts';
import { openFile, requireFolder, writeProbe } from '../local/local-files.ts';
import { isAbandoned, TemporaryFolder } from '../local/temporary-folder.ts';
import { boundsOf, type KeyRange, within } from '../range/key-range.ts';
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
import { type IndexEntry, type NewEntry, ObjectIndex } from './object-index.ts';

const SLASH = 0x2f;
/** Commits kept until a flush; beyond it they are flushed early. */
const UNFLUSHED_MAX = 10_000;

/** An item (an archive, a snapshot) while its bytes arrive at a temporary path. */
export interface NewItem {
  readonly id: string;
  write(chunk: Uint8Array): void;
  /** Completes the item and closes its files. */
  finish(): { bytes: number; checksums: Record<string, string> };
  /** Closes its files, whatever state it is in. */
  close(): void;
}

/** How one kind of store keeps the bytes of an object. */
export interface ItemFormat {
  kind: StoreKind;
  keyRules: KeyRules;
  /** Directory of the items in the bucket. */
  folder: string;
  /** Items lie in directories named after so many first characters of their ids; 0: all in one. */
  shardChars: number;
  isId: RegExp;
  /** The file with the object's bytes in an item; undefined when the item is that file. */
  dataFile: string | undefined;
  /** Why a key that is legal elsewhere cannot be kept here. */
  refuses(key: Uint8Array): string | undefined;
  newItem(path: string, object: NewObject): NewItem;
}

/**
 * A store that writes every object as a new, immutable item under an id of its own, and finds it by an index
 * (object-index.ts). Keys are flat: `a` and `a/b` can both be objects. What replaced items hold stays.
 *
 * An object can be seen through this opened store from its commit on, and through others from the next flush:
 * only when its bytes are durable is its line added to the index. An item a killed process left without a line
 * is removed by `check`, when it is a week old.
 */
export function openIndexedStore(spec: FolderSpec, shelf: ItemFormat): Store {
  return new IndexedStore(spec, shelf);
}

class IndexedStore implements Store {
  readonly kind: StoreKind;
  readonly concurrency = 1;
  readonly keyRules: KeyRules;
  readonly #shelf: ItemFormat;
  readonly #place: BucketPlace;
  readonly #bucketDir: string;
  readonly #temporaries: TemporaryFolder;
  readonly #index: ObjectIndex;
  /** Directories known to be real ones of the bucket. */
  readonly #folders = new Set<string>();
  #unflushed: NewEntry[] = [];
  /** The newest of the unflushed by their keys in latin1. */
  readonly #ahead = new Map<string, IndexEntry>();

  constructor(spec: FolderSpec, shelf: ItemFormat) {
    this.kind = shelf.kind;
    this.keyRules = shelf.keyRules;
    this.#shelf = shelf;
    this.#place = new BucketPlace(spec);
    this.#bucketDir = this.#place.dir;
    this.#temporaries = new TemporaryFolder(this.#bucketDir);
    this.#index = new ObjectIndex(this.#bucketDir, shelf.isId);
  }

  check(): undefined {
    this.#place.requireAnew();
    onStore(() => {
      this.#temporaries.removeAbandoned();
      this.#index.check();
      this.#removeOrphans();
    });
    this.probe(Buffer.alloc(0), 1);
  }

  /** Items lie side by side, whatever their keys. */
  probe(_stem: Uint8Array, bytes: number): number {
    this.#place.requireAnew();
    const tried = onStore(() => {
      this.#index.check();
      const path = this.#temporaries.newPath();
      const written = writeProbe(path, bytes);
      rmSync(path, { force: true });
      return written;
    });
    const probe = this.put({ key: Buffer.from('check'), bytes: 1, mtimeNs: 0n, mode: 0o600 });
    probe.write(Buffer.from('1'));
    probe.abort();
    return tried;
  }

  async *list(range: KeyRange): AsyncGenerator<StoredObject> {
    this.#place.require();
    const newest = onStore(() => new Map([...this.#index.entries(), ...this.#ahead]));
    const bounds = boundsOf(range);
    for (const name of [...newest.keys()].sort()) {
      const entry = newest.get(name);
      if (entry && within(entry.key, bounds)) yield storedObject(entry);
    }
  }

  stat(key: Uint8Array): StoredObject | undefined {
    const entry = this.#find(key);
    return entry && storedObject(entry);
  }

  open(key: Uint8Array): ObjectReader {
    const entry = this.#find(key);
    if (!entry) throw new WaybillError('ObjectVanished');
    const item = this.#pathOf(entry.id);
    onStore(() => this.#requireFolders(item, false));
    const { dataFile } = this.#shelf;
    const fd = openFile(dataFile === undefined ? item : join(item, dataFile));
    return {
      read: (buffer, offset, length) => onStore(() => readSync(fd, buffer, offset, length, null)),
      close: () => closeSync(fd),
    };
  }

  put(object: NewObject): SyncWriter {
    this.#checkKey(object.key);
    this.#place.require();
    const isDirectory = object.key.at(-1) === SLASH;
    const temporary = this.#temporaries.newPath();
    const item = onStore(() => this.#shelf.newItem(temporary, object));
    let open = true;
    const discard = () => {
      if (!open) return;
      open = false;
      item.close();
      rmSync(temporary, { recursive: true, force: true });
    };
    return {
      write: (chunk) => {
        if (isDirectory)
          throw new WaybillError('KeyRefused', { detail: 'a directory has no bytes' });
        onStore(() => item.write(chunk));
      },
      commit: () => {
        try {
          onStore(() => this.#keep(object, item, temporary));
        } catch (error) {
          discard();
          throw error;
        }
        open = false;
        if (this.#unflushed.length >= UNFLUSHED_MAX) this.flush();
      },
      abort: discard,
    };
  }

  flush(): FlushProblem[] {
    if (this.#unflushed.length === 0) return [];
    // An index is made where there is none.
    this.#place.requireAnew();
    onStore(() => {
      if (!syncFileSystem(this.#bucketDir)) this.#syncEach();
      this.#index.append(this.#unflushed);
    });
    this.#unflushed = [];
    this.#ahead.clear();
    // Objects of an index stand in nobody's way.
    return [];
  }

  close(): void {
    this.flush();
    this.#temporaries.close();
  }

  #keep(object: NewObject, item: NewItem, temporary: string): void {
    const { bytes, checksums } = item.finish();
    const path = this.#pathOf(item.id);
    this.#requireFolders(path, true);
    renameSync(temporary, path);
    const { mtimeNs, mode } = object;
    const key = Buffer.from(object.key);
    const entry = { key, id: item.id, bytes, mtimeNs, mode: mode & 0o777, checksums };
    this.#unflushed.push(entry);
    this.#ahead.set(key.toString('latin1'), entry);
  }

  #find(key: Uint8Array): IndexEntry | undefined {
    this.#requireLegal(key);
    this.#place.require();
    const name = Buffer.from(key).toString('latin1');
    return this.#ahead.get(name) ?? onStore(() => this.#index.entries()).get(name);
  }

  #syncEach(): void {
    for (const { id } of this.#unflushed) syncEntry(this.#pathOf(id));
    for (const folder of this.#folders) syncPath(folder);
    syncPath(this.#bucketDir);
  }

  /** Removes items that no line names: their process was killed between commit and flush. */
  #removeOrphans(): void {
    const { shardChars, folder } = this.#shelf;
    const top = join(this.#bucketDir, folder);
    if (!lstatOf(top)) return;
    requireFolder(top, folder);
    const shards = shardChars === 0 ? [top] : readdirSync(top).map((name) => join(top, name));
    const named = this.#index.ids();
    for (const shard of shards) {
      if (!lstatOf(shard)?.isDirectory()) continue;
      for (const id of readdirSync(shard)) {
        const path = join(shard, id);
        if (this.#shelf.isId.test(id) && !named.has(id) && isAbandoned(path))
          rmSync(path, { recursive: true, force: true });
      }
    }
  }

  #checkKey(key: Uint8Array): void {
    this.#requireLegal(key);
    const detail = this.#shelf.refuses(key);
    if (detail) throw new WaybillError('KeyRefused', { detail });
  }

  #requireLegal(key: Uint8Array): void {
    const detail = keyProblem(key, this.keyRules);
    if (detail) throw new WaybillError('KeyRefused', { detail });
  }

  #pathOf(id: string): string {
    const shard = id.slice(0, this.#shelf.shardChars);
    return join(this.#bucketDir, this.#shelf.folder, shard, id);
  }

  /** That no symbolic link leads an item outside. Throws StoreUnavailable, ObjectVanished. */
  #requireFolders(item: string, create: boolean): void {
    const shard = dirname(item);
    const top = join(this.#bucketDir, this.#shelf.folder);
    for (const folder of shard === top ? [top] : [top, shard]) {
      if (this.#folders.has(folder)) continue;
      if (create) {
        this.#place.require();
        makeFolder(folder);
      } else if (!lstatOf(folder)) throw new WaybillError('ObjectVanished');
      requireFolder(folder, folder.slice(this.#bucketDir.length + 1));
      this.#folders.add(folder);
    }
  }
}

function storedObject({ key, bytes, mtimeNs, mode }: IndexEntry): StoredObject {
  return { key: Buffer.from(key), bytes, mtimeNs, mode };
}
