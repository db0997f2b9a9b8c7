import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { canonicalJson } from '../../domain/custody.ts';
import { WaybillError } from '../../domain/errors.ts';
import type { KeyContext, MasterKms } from './kms.ts';

const RING_FORMAT = 'waybill-master-keys/1';
const KEY_BYTES = 32;

/** Master keys of one installation: the current one wraps, all of them unwrap. */
interface KeyRing {
  format: typeof RING_FORMAT;
  current: string;
  /** Id → base64 of 32 bytes. */
  keys: Record<string, string>;
}

const refuse = (detail: string, cause?: unknown): WaybillError =>
  new WaybillError('KeyUnavailable', { detail }, { cause });

/**
 * Opens the master key file (mode 0600), made at first use. With `masterKey` (base64, 32 bytes) nothing is
 * read from or written to the file, and rotation is refused. Throws KeyUnavailable.
 */
export function openLocalKms(options: { file: string; masterKey?: string | undefined }): MasterKms {
  if (options.masterKey !== undefined) {
    const ring: KeyRing = { format: RING_FORMAT, current: 'env', keys: { env: options.masterKey } };
    return new KeyRingKms(checkRing(ring), undefined);
  }
  try {
    return new KeyRingKms(readRing(options.file), options.file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const id = newId();
  const ring: KeyRing = { format: RING_FORMAT, current: id, keys: { [id]: newKey() } };
  createRing(options.file, ring);
  return new KeyRingKms(readRing(options.file), options.file);
}

const newId = (): string => `mk-${randomBytes(6).toString('hex')}`;
const newKey = (): string => randomBytes(KEY_BYTES).toString('base64');

class KeyRingKms implements MasterKms {
  readonly provider = 'local';
  #ring: KeyRing;
  /** Modification time of the file when it was read, ms. */
  #readAt = 0;
  readonly #file: string | undefined;

  constructor(ring: KeyRing, file: string | undefined) {
    this.#ring = ring;
    this.#file = file;
  }

  async generateDataKey(context: KeyContext): Promise<{ plaintext: Buffer; wrapped: string }> {
    const plaintext = randomBytes(KEY_BYTES);
    return { plaintext, wrapped: await this.wrap(plaintext, context) };
  }

  async wrap(secret: Buffer, context: KeyContext): Promise<string> {
    this.#refresh();
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key(this.#ring.current), nonce);
    cipher.setAAD(Buffer.from(canonicalJson(context)));
    const sealed = Buffer.concat([
      nonce,
      cipher.update(secret),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return `local/1:${this.#ring.current}:${sealed.toString('base64')}`;
  }

  async unwrap(wrapped: string, context: KeyContext): Promise<Buffer> {
    this.#refresh();
    const [format, id = '', text = ''] = wrapped.split(':');
    const sealed = Buffer.from(text, 'base64');
    if (format !== 'local/1' || sealed.length < 28)
      throw refuse('a wrapped key has an unknown format');
    const decipher = createDecipheriv('aes-256-gcm', this.#key(id), sealed.subarray(0, 12));
    decipher.setAAD(Buffer.from(canonicalJson(context)));
    decipher.setAuthTag(sealed.subarray(-16));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    } catch (error) {
      throw refuse('a wrapped key is damaged or belongs elsewhere', error);
    }
  }

  async rewrap(wrapped: string, context: KeyContext): Promise<string> {
    return this.wrap(await this.unwrap(wrapped, context), context);
  }

  rotate(): string {
    const id = newId();
    this.#save({ ...this.#ring, current: id, keys: { ...this.#ring.keys, [id]: newKey() } });
    return id;
  }

  retireOld(): void {
    const { current } = this.#ring;
    this.#save({ ...this.#ring, keys: { [current]: this.#ring.keys[current] ?? '' } });
  }

  /** Another process may have rotated the keys: what it wraps, this one has to open, and the other way round. */
  #refresh(): void {
    if (!this.#file) return;
    const changed = statSync(this.#file).mtimeMs;
    if (changed === this.#readAt) return;
    this.#ring = readRing(this.#file);
    this.#readAt = changed;
  }

  #key(id: string): Buffer {
    const key = Object.hasOwn(this.#ring.keys, id) ? this.#ring.keys[id] : undefined;
    if (key === undefined) throw refuse(`master key ${id.slice(0, 40)} is not in the key file`);
    return Buffer.from(key, 'base64');
  }

  #save(ring: KeyRing): void {
    if (!this.#file) throw refuse('a master key from the environment cannot be rotated here');
    const temporary = `${this.#file}.new`;
    writeDurably(temporary, ring, 'w');
    renameSync(temporary, this.#file);
    syncDir(dirname(this.#file));
    this.#ring = ring;
  }
}

function readRing(file: string): KeyRing {
  const { mode, size } = statSync(file);
  if ((mode & 0o077) !== 0) throw refuse(`${file} can be read by others; chmod 600 it`);
  if (size > 1024 * 1024) throw refuse(`${file} is no key file`);
  try {
    return checkRing(JSON.parse(readFileSync(file, 'utf8')) as KeyRing);
  } catch (error) {
    if (error instanceof WaybillError) throw error;
    throw refuse(`${file} is no key file`);
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

/** Two consoles that start at once must end with one key: link(2) lets only the first have the name. */
function createRing(file: string, ring: KeyRing): void {
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
