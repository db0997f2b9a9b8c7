import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve } from 'node:path';

/**
 * A layer between the program and node:fs, in this process: it sees every synchronous call below some
 * directories, before and after it is made, and may make it fail. Named imports of node:fs are replaced too
 * (module.syncBuiltinESMExports), so that the program under test is the program as it is.
 */

/** One call on a file or directory below a watched root. */
export interface FsCall {
  /** Without `Sync`: "open", "write", "rename", …; "syncfs" for `sync -f`. */
  name: string;
  /** Absolute; bytes of names as latin1. */
  path: string;
  /** Of `rename` and `link`: the new path. */
  to?: string;
  args: unknown[];
}

export interface FaultLayer {
  /** May throw what the call is to throw. A number replaces the length that a read or write is asked for. */
  before?(call: FsCall): number | undefined;
  after?(call: FsCall, result: unknown): void;
}

const BY_PATH = [
  'open',
  'mkdir',
  'rmdir',
  'rm',
  'unlink',
  'readdir',
  'opendir',
  'lstat',
  'stat',
  'statfs',
  'readFile',
  'writeFile',
  'exists',
  'access',
  'realpath',
  'rename',
  'link',
] as const;
const BY_FD = [
  'close',
  'read',
  'write',
  'writev',
  'fsync',
  'fstat',
  'ftruncate',
  'fchmod',
  'futimes',
] as const;

type AnyFunction = (...args: unknown[]) => unknown;
const table = fs as unknown as Record<string, AnyFunction>;

const text = (path: unknown): string =>
  resolve(
    Buffer.isBuffer(path) ? path.toString('latin1') : Buffer.from(String(path)).toString('latin1'),
  );

/** Runs work with the layer in place. Calls made by the layer itself are not seen. */
export async function withFaults<T>(
  roots: string[],
  layer: FaultLayer,
  work: () => Promise<T>,
): Promise<T> {
  const paths = new Map<number, string>();
  const originals = new Map<string, AnyFunction>();
  /** What is named relative to an open folder, as on devices, is below that folder. */
  const placeOf = (path: unknown): string => {
    const place = text(path);
    const [, fd, rest = ''] = /^\/proc\/self\/fd\/(\d+)(\/.*)?$/s.exec(place) ?? [];
    const folder = fd === undefined ? undefined : paths.get(Number(fd));
    return folder === undefined ? place : `${folder}${rest}`;
  };
  const watched = (path: string) =>
    roots.some((root) => path === root || path.startsWith(`${root}/`));
  let inside = false;

  const guarded = (call: FsCall, args: unknown[], original: AnyFunction): unknown => {
    inside = true;
    try {
      const length = layer.before?.(call);
      if (typeof length === 'number') shorten(call.name, args, length);
      const result = original(...args);
      if (call.name === 'open') paths.set(result as number, call.path);
      if (call.name === 'close') paths.delete(args[0] as number);
      layer.after?.(call, result);
      return result;
    } finally {
      inside = false;
    }
  };
  const replace = (name: string, pathOf: (args: unknown[]) => string | undefined) => {
    const original = table[`${name}Sync`];
    if (!original) return;
    originals.set(`${name}Sync`, original);
    const wrapper = (...args: unknown[]) => {
      const path = inside ? undefined : pathOf(args);
      if (path === undefined || !watched(path)) return original(...args);
      const to = name === 'rename' || name === 'link' ? { to: placeOf(args[1]) } : {};
      return guarded({ name, path, args, ...to }, args, original);
    };
    table[`${name}Sync`] = Object.assign(wrapper, original);
  };
  for (const name of BY_PATH)
    replace(name, ([path]) => (typeof path === 'number' ? undefined : placeOf(path)));
  for (const name of BY_FD) replace(name, ([fd]) => paths.get(fd as number));

  const spawnSync = childProcess.spawnSync;
  childProcess.spawnSync = ((command: string, args: string[], ...rest: []) => {
    const path = text(args?.at(-1) ?? '');
    if (command !== 'sync' || !watched(path)) return spawnSync(command, args, ...rest);
    const call = { name: 'syncfs', path, args };
    inside = true;
    try {
      layer.before?.(call);
      const result = { status: 0 };
      layer.after?.(call, result);
      return result;
    } finally {
      inside = false;
    }
  }) as typeof childProcess.spawnSync;
  syncBuiltinESMExports();
  try {
    return await work();
  } finally {
    for (const [name, original] of originals) table[name] = original;
    childProcess.spawnSync = spawnSync;
    syncBuiltinESMExports();
    // What a killed run left open would be closed by the end of its process.
    for (const fd of paths.keys()) {
      try {
        fs.closeSync(fd);
      } catch {
        // closed while the layer looked away
      }
    }
  }
}

/** Makes a read or write ask for fewer bytes, as a system may do. */
function shorten(name: string, args: unknown[], length: number): void {
  if (name === 'read' && typeof args[3] === 'number') args[3] = Math.min(args[3], length);
  if (name === 'write' && Buffer.isBuffer(args[1])) {
    const [, buffer, offset, wanted] = args as [number, Buffer, number?, number?];
    const start = offset ?? 0;
    args[2] = start;
    args[3] = Math.min(wanted ?? buffer.length - start, length);
  }
  if (name === 'writev') {
    const [first] = args[1] as Buffer[];
    if (first && first.length > 0)
      args[1] = [first.subarray(0, Math.max(1, Math.min(first.length, length)))];
  }
}

/** An error as the system gives it. */
export function errnoError(code: string, call: FsCall): Error {
  const error = new Error(`${code}: injected, ${call.name} '${call.path}'`);
  return Object.assign(error, { code, syscall: call.name, path: call.path });
}
