import fs from 'node:fs';
import { basename, dirname } from 'node:path';
import type { FaultLayer, FsCall } from '../fault-fs.ts';

/**
 * What is left of directories when the power goes: only what was synced is sure. Of a file that was written
 * since its last fsync every 512-byte sector is old, new or zero, and its length is old or new or between;
 * names that were made, renamed or removed since the last fsync of their directory are there or not. A file
 * that has no durable name is gone whatever was synced of it.
 */

interface FileNode {
  kind: 'file';
  /** As it was at the last fsync; undefined when there was none. */
  synced: FileState | undefined;
  dirty: boolean;
}

interface FileState {
  bytes: Buffer;
  mode: number;
  mtimeNs: bigint;
}

interface FolderNode {
  kind: 'folder';
  entries: Map<string, Node>;
  /** Entries at the last fsync. */
  synced: Map<string, Node>;
  /** Changes since, in order: a name gets a node, or loses it. */
  pending: Change[];
}

type Node = FileNode | FolderNode;
/** What happens together or not at all: both names of a rename within a folder. */
type Change = { name: string; node: Node | undefined }[];

const SECTOR = 512;
const raw = (path: string): Buffer => Buffer.from(path, 'latin1');
const folder = (): FolderNode => ({
  kind: 'folder',
  entries: new Map(),
  synced: new Map(),
  pending: [],
});

export class PowerModel implements FaultLayer {
  readonly #roots: Map<string, FolderNode>;
  readonly #existed = new Map<FsCall, boolean>();

  /** What lies below the roots now is taken for synced. */
  constructor(roots: string[]) {
    this.#roots = new Map(roots.map((root) => [root, read(root)]));
  }

  before(call: FsCall): undefined {
    const makes = call.name === 'open' || call.name === 'mkdir' || call.name === 'writeFile';
    if (makes) this.#existed.set(call, this.#find(call.path) !== undefined);
  }

  after(call: FsCall): void {
    const node = this.#find(call.path);
    switch (call.name) {
      case 'open':
      case 'mkdir':
      case 'writeFile':
        this.#made(call);
        break;
      case 'fchmod':
      case 'futimes':
      case 'write':
      case 'writev':
      case 'ftruncate':
        if (node?.kind === 'file') node.dirty = true;
        break;
      case 'fsync':
        if (node) sync(call.path, node);
        break;
      case 'syncfs':
        for (const [root, top] of this.#roots) syncAll(root, top);
        break;
      case 'rename':
        this.#renamed(call);
        break;
      case 'unlink':
      case 'rm':
      case 'rmdir':
        this.#removed(call.path);
        break;
    }
  }

  /** Puts what survives in place of what is there, and goes on from it. */
  cut(random: () => number): void {
    for (const [root, top] of this.#roots) {
      const survivor = survive(root, top, random);
      // Read everything first: the same files are what is replaced.
      fs.rmSync(root, { recursive: true, force: true });
      write(root, survivor);
      this.#roots.set(root, read(root));
    }
  }

  #made(call: FsCall): void {
    const existed = this.#existed.get(call);
    this.#existed.delete(call);
    const stat = fs.lstatSync(raw(call.path), { throwIfNoEntry: false });
    if (!stat) return;
    if (!existed) {
      const node: Node = stat.isDirectory()
        ? folder()
        : { kind: 'file', synced: undefined, dirty: true };
      this.#change(dirname(call.path), [{ name: basename(call.path), node }]);
      return;
    }
    const node = this.#find(call.path);
    // Opened anew for writing from the start, it is dirty whether or not a byte follows.
    const flags = call.args[1];
    const truncates = call.name === 'writeFile' || flags === 'w' || flags === 'w+';
    if (node?.kind === 'file' && truncates) node.dirty = true;
  }

  #renamed({ path, to }: FsCall): void {
    const node = this.#find(path);
    if (!node || to === undefined) return;
    const gone = { name: basename(path), node: undefined };
    const here = { name: basename(to), node };
    if (dirname(path) === dirname(to)) this.#change(dirname(path), [gone, here]);
    else {
      this.#change(dirname(to), [here]);
      this.#change(dirname(path), [gone]);
    }
  }

  #removed(path: string): void {
    if (fs.lstatSync(raw(path), { throwIfNoEntry: false })) return;
    if (this.#find(path)) this.#change(dirname(path), [{ name: basename(path), node: undefined }]);
  }

  #change(dir: string, change: Change): void {
    const parent = this.#find(dir);
    if (parent?.kind !== 'folder') return;
    for (const { name, node } of change) {
      if (node) parent.entries.set(name, node);
      else parent.entries.delete(name);
    }
    parent.pending.push(change);
  }

  #find(path: string): Node | undefined {
    for (const [root, top] of this.#roots) {
      if (path === root) return top;
      if (!path.startsWith(`${root}/`)) continue;
      let node: Node | undefined = top;
      for (const name of path.slice(root.length + 1).split('/')) {
        if (node?.kind !== 'folder') return undefined;
        node = node.entries.get(name);
      }
      return node;
    }
    return undefined;
  }
}

/** A tree as it lies there, all of it synced. */
function read(path: string): FolderNode {
  const node = folder();
  for (const name of fs.readdirSync(raw(path), { encoding: 'latin1' })) {
    const below = `${path}/${name}`;
    const isFolder = fs.lstatSync(raw(below)).isDirectory();
    const child: Node = isFolder
      ? read(below)
      : { kind: 'file', synced: stateOf(below), dirty: false };
    node.entries.set(name, child);
  }
  node.synced = new Map(node.entries);
  return node;
}

function sync(path: string, node: Node): void {
  if (node.kind === 'folder') {
    node.synced = new Map(node.entries);
    node.pending = [];
    return;
  }
  node.synced = stateOf(path);
  node.dirty = false;
}

function syncAll(path: string, node: Node): void {
  sync(path, node);
  if (node.kind === 'folder')
    for (const [name, child] of node.entries) syncAll(`${path}/${name}`, child);
}

function stateOf(path: string): FileState {
  const { mode, mtimeNs } = fs.lstatSync(raw(path), { bigint: true });
  return { bytes: fs.readFileSync(raw(path)), mode: Number(mode) & 0o7777, mtimeNs };
}

type Survivor = FileState | Map<string, Survivor>;

function survive(path: string, node: FolderNode, random: () => number): Map<string, Survivor> {
  const left = new Map(node.synced);
  // A journal keeps the order of changes; without one any of them may be missing.
  const upTo = random() < 0.5 ? Math.floor(random() * (node.pending.length + 1)) : undefined;
  for (const [i, change] of node.pending.entries()) {
    if (upTo === undefined ? random() < 0.5 : i >= upTo) continue;
    for (const { name, node: child } of change) {
      if (child) left.set(name, child);
      else left.delete(name);
    }
  }
  const names = new Map([...node.entries].map(([name, child]) => [child, name]));
  return new Map(
    [...left].map(([name, child]) => {
      // What is in a file now is read under the name that it has now.
      const now = names.get(child);
      const where = now === undefined ? undefined : `${path}/${now}`;
      return [
        name,
        child.kind === 'folder'
          ? survive(`${path}/${name}`, child, random)
          : torn(where, child, random),
      ];
    }),
  );
}

const NOTHING: FileState = { bytes: Buffer.alloc(0), mode: 0o600, mtimeNs: 0n };

function torn(path: string | undefined, node: FileNode, random: () => number): FileState {
  const before = node.synced ?? NOTHING;
  if (!node.dirty || path === undefined) return before;
  const old = before.bytes;
  const now = fs.readFileSync(raw(path));
  const lengths = [old.length, now.length, Math.floor((random() * now.length) / SECTOR) * SECTOR];
  const bytes = Buffer.alloc(lengths[Math.floor(random() * lengths.length)] ?? 0);
  for (let at = 0; at < bytes.length; at += SECTOR) {
    const source = [old, now, undefined][Math.floor(random() * 3)];
    if (source && source.length > at)
      source.copy(bytes, at, at, Math.min(at + SECTOR, source.length));
  }
  return { ...before, bytes };
}

function write(path: string, survivor: Map<string, Survivor>): void {
  fs.mkdirSync(raw(path), { recursive: true });
  for (const [name, child] of survivor) {
    const below = `${path}/${name}`;
    if (child instanceof Map) {
      write(below, child);
      continue;
    }
    fs.writeFileSync(raw(below), child.bytes);
    fs.chmodSync(raw(below), child.mode);
    const seconds = (Number(child.mtimeNs / 1000n) + 0.5) / 1e6;
    fs.utimesSync(raw(below), seconds, seconds);
  }
}
