import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';

const RING_FORMAT = 'waybill-master-keys/1';
const KEY_BYTES = 32;

/** Master keys of one installation: the current one wraps, all of them unwrap. */
export interface KeyRing {
  format: typeof RING_FORMAT;
  current: string;
  /** Id → base64 of 32 bytes. */
  keys: Record<string, string>;
}

/** What is wrong with the master keys. */
export const refuse = (detail: string, cause?: unknown): WaybillError =>
  new WaybillError('KeyUnavailable', { detail }, { cause });

const newId = (): string => `mk-${randomBytes(6).toString('hex')}`;
const newKey = (): string => randomBytes(KEY_BYTES).toString('base64');

/** A ring of one key, base64 of 32 bytes. Throws KeyUnavailable. */
export function ringOfOne(id: string, key: string): KeyRing {
  return checkRing({ format: RING_FORMAT, current: id, keys: { [id]: key } });
}

/** The ring with a new key, which is current. */
export function withNewKey(ring: KeyRing): KeyRing {
  const id = newId();
  return { ...ring, current: id, keys: { ...ring.keys, [id]: newKey() } };
}

/** Throws KeyUnavailable: what is to be opened needs master keys that are not there any more. */
export function reportRingGone(place: string): never {
  throw refuse(
    `the master keys are gone from ${place}: copy the file back, or bring the shares together (waybill admin join-master-key)`,
  );
}

/** The 32 bytes of one master key. Throws KeyUnavailable. */
export function keyOf({ keys }: KeyRing, id: string): Buffer {
  const key = Object.hasOwn(keys, id) ? keys[id] : undefined;
  if (key === undefined) throw refuse(`master key ${id.slice(0, 40)} is not in the key file`);
  return Buffer.from(key, 'base64');
}

/**
 * Writes master keys that were exported into the key file, beside those that it holds. Returns the ids of all that
 * it then has. Throws KeyUnavailable.
 */
export function joinRing(file: string, exported: string): string[] {
  const joined = parseRing(exported, 'what the shares make');
  const held = readRingIfAny(file);
  // Equal ids are equal keys; what was wrapped last was wrapped by those of the file.
  const ring = held ? { ...held, keys: { ...joined.keys, ...held.keys } } : joined;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  replaceRing(file, ring);
  return Object.keys(ring.keys);
}

/** The key file, if there is one. Throws KeyUnavailable. */
export function readRingIfAny(file: string): KeyRing | undefined {
  return existsSync(file) ? readRing(file) : undefined;
}

/** The key file. Throws KeyUnavailable: others can read it, or it is none. */
export function readRing(file: string): KeyRing {
  const { mode, size } = statSync(file);
  if ((mode & 0o077) !== 0) throw refuse(`${file} can be read by others; chmod 600 it`);
  if (size > 1024 * 1024) throw refuse(`${file} is no key file`);
  return parseRing(readFileSync(file, 'utf8'), file);
}

/** A key file's text. Throws KeyUnavailable, which names `place`. */
export function parseRing(text: string, place: string): KeyRing {
  try {
    return checkRing(JSON.parse(text) as KeyRing);
  } catch (error) {
    if (error instanceof WaybillError) throw error;
    throw refuse(`${place} is no key file`);
  }
}

function checkRing(ring: KeyRing): KeyRing {
  const keys = Object.values(ring.keys ?? {});
  const good = keys.every(
    (key) => typeof key === 'string' && Buffer.from(key, 'base64').length === KEY_BYTES,
  );
  if (ring.format !== RING_FORMAT || !good || !(ring.current in ring.keys)) {
    throw refuse('a master key is 32 bytes in base64');
  }
  return ring;
}

/** Makes the key file. Two consoles that start at once must end with one key: link(2) lets only the first have the name. */
export function createRing(file: string): void {
  const id = newId();
  const ring = ringOfOne(id, newKey());
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  writeDurably(temporary, ring, 'wx');
  try {
    linkSync(temporary, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  syncDir(dirname(file));
}

/** Writes the key file again, whole or not at all. */
export function replaceRing(file: string, ring: KeyRing): void {
  const temporary = `${file}.new`;
  writeDurably(temporary, ring, 'w');
  renameSync(temporary, file);
  syncDir(dirname(file));
}

function writeDurably(path: string, ring: KeyRing, flags: 'w' | 'wx'): void {
  const fd = openSync(path, flags, 0o600);
  try {
    writeSync(fd, `${JSON.stringify(ring, null, 2)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function syncDir(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
