import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { WaybillError } from '../domain/errors.ts';
import { openStore } from '../stores/open.ts';
import type { Maybe, StoreSpec } from '../stores/store.ts';
import { errnoOf } from '../volume/durable.ts';
import type { ScanEntry } from './scan-list.ts';
import { readProblem, type SymlinkPolicy, typeName } from './scan-tree.ts';

/** Where a load takes its objects from. Plain data: it crosses to the threads. */
export type SourceSpec =
  | { kind: 'tree'; root: string; symlinks: SymlinkPolicy }
  | { kind: 'store'; spec: StoreSpec; prefix: string; begin?: string; end?: string };

/** An object being read. */
export interface SourceObject {
  /** As it is now, which may differ from what the scan saw. */
  bytes: number;
  mtimeNs: bigint;
  mode: number;
  /** Fills the buffer from its start; 0 at the end. */
  read(buffer: Buffer): Maybe<number>;
  /** Whether it is no longer what it was when it was opened. */
  changed(): Maybe<boolean>;
  close(): Maybe<void>;
}

/** Opens objects of a source, in one thread. Errors: ObjectVanished, ObjectUnreadable, UnsupportedFileType. */
export type SourceOpener = (entry: ScanEntry) => Maybe<SourceObject>;

export function openSource(source: SourceSpec): SourceOpener {
  return source.kind === 'tree' ? treeOpener(source) : storeOpener(source.spec);
}

function treeOpener({ root, symlinks }: Extract<SourceSpec, { kind: 'tree' }>): SourceOpener {
  const base = Buffer.from(root.endsWith('/') ? root : `${root}/`);
  const noFollow = symlinks === 'skip' ? constants.O_NOFOLLOW : 0;
  return (entry) => {
    const fd = onSource(entry.key, () =>
      // O_NONBLOCK: a file that has become a FIFO must not hold the thread for ever.
      openSync(
        Buffer.concat([base, entry.key]),
        constants.O_RDONLY | constants.O_NONBLOCK | noFollow,
      ),
    );
    const opened = fstatSync(fd, { bigint: true });
    const isDirectory = entry.key.at(-1) === 0x2f;
    if (isDirectory ? !opened.isDirectory() : !opened.isFile()) {
      closeSync(fd);
      throw new WaybillError('UnsupportedFileType', {
        type: opened.isDirectory() ? 'directory' : typeName(opened),
      });
    }
    return {
      bytes: isDirectory ? 0 : Number(opened.size),
      mtimeNs: opened.mtimeNs,
      mode: Number(opened.mode) & 0o7777,
      read: (buffer) =>
        isDirectory ? 0 : onSource(entry.key, () => readSync(fd, buffer, 0, buffer.length, null)),
      changed: () => {
        const now = fstatSync(fd, { bigint: true });
        return now.size !== opened.size || now.mtimeNs !== opened.mtimeNs;
      },
      close: () => closeSync(fd),
    };
  };
}

function storeOpener(spec: StoreSpec): SourceOpener {
  const store = openStore(spec);
  return async (entry) => {
    const before = await store.stat(entry.key);
    if (!before) throw new WaybillError('ObjectVanished');
    const isDirectory = entry.key.at(-1) === 0x2f;
    const reader = isDirectory ? undefined : await store.open(entry.key);
    return {
      ...before,
      read: (buffer) => reader?.read(buffer, 0, buffer.length) ?? 0,
      changed: async () => {
        const now = await store.stat(entry.key);
        return now?.bytes !== before.bytes || now.mtimeNs !== before.mtimeNs;
      },
      close: () => reader?.close(),
    };
  };
}

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
