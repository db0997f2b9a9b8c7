import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { canonicalJson } from '../../domain/custody.ts';
import {
  createRing,
  type KeyRing,
  keyOf,
  parseRing,
  readRing,
  readRingIfAny,
  refuse,
  replaceRing,
  reportRingGone,
  ringOfOne,
  withNewKey,
} from './key-ring.ts';
import type { KeyContext, Kms, MasterKms } from './kms.ts';

/**
 * Opens the master key file (mode 0600). One that is not there is made when the first secret is wrapped, not when
 * one is to be opened: an installation that lost its keys gets no others in their place. With `masterKey` (base64,
 * 32 bytes) nothing is read from or written to the file, and rotation is refused. Throws KeyUnavailable.
 */
export function openLocalKms(options: { file: string; masterKey?: string | undefined }): MasterKms {
  if (options.masterKey !== undefined) {
    return new KeyRingKms(ringOfOne('env', options.masterKey), undefined);
  }
  return new KeyRingKms(readRingIfAny(options.file), options.file);
}

/** Master keys as `exportKeys` gave them, only to open what they wrapped. Throws KeyUnavailable. */
export function openExportedKeys(exported: string): Kms {
  return new KeyRingKms(parseRing(exported, 'what the shares make'), undefined);
}

class KeyRingKms implements MasterKms {
  readonly provider = 'local';
  /** None until there is a file. */
  #ring: KeyRing | undefined;
  /** Modification time of the file when it was read, ms. */
  #readAt = 0;
  readonly #file: string | undefined;

  constructor(ring: KeyRing | undefined, file: string | undefined) {
    this.#ring = ring;
    this.#file = file;
  }

  async generateDataKey(context: KeyContext): Promise<{ plaintext: Buffer; wrapped: string }> {
    const plaintext = randomBytes(32);
    return { plaintext, wrapped: await this.wrap(plaintext, context) };
  }

  async wrap(secret: Buffer, context: KeyContext): Promise<string> {
    const ring = this.#ringToWrap();
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', keyOf(ring, ring.current), nonce);
    cipher.setAAD(Buffer.from(canonicalJson(context)));
    const sealed = Buffer.concat([
      nonce,
      cipher.update(secret),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return `local/1:${ring.current}:${sealed.toString('base64')}`;
  }

  async unwrap(wrapped: string, context: KeyContext): Promise<Buffer> {
    const ring = this.#refreshed();
    const [format, id = '', text = ''] = wrapped.split(':');
    const sealed = Buffer.from(text, 'base64');
    if (format !== 'local/1' || sealed.length < 28)
      throw refuse('a wrapped key has an unknown format');
    const decipher = createDecipheriv('aes-256-gcm', keyOf(ring, id), sealed.subarray(0, 12));
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
    const ring = withNewKey(this.#ringToWrap());
    this.#save(ring);
    return ring.current;
  }

  retireOld(): void {
    const ring = this.#refreshed();
    const { current } = ring;
    this.#save({ ...ring, keys: { [current]: ring.keys[current] ?? '' } });
  }

  exportKeys(): string {
    return JSON.stringify(this.#refreshed());
  }

  /** The keys to wrap with; made, where there never were any. */
  #ringToWrap(): KeyRing {
    if (this.#ring || !this.#file) return this.#refreshed();
    createRing(this.#file);
    return this.#refreshed();
  }

  /** Another process may have rotated the keys: what it wraps, this one has to open, and the other way round. */
  #refreshed(): KeyRing {
    if (!this.#file) return this.#ring ?? reportRingGone('the environment');
    const changed = statSync(this.#file, { throwIfNoEntry: false })?.mtimeMs;
    if (changed === undefined) return reportRingGone(this.#file);
    if (!this.#ring || changed !== this.#readAt) this.#ring = readRing(this.#file);
    this.#readAt = changed;
    return this.#ring;
  }

  #save(ring: KeyRing): void {
    if (!this.#file) throw refuse('a master key from the environment cannot be rotated here');
    replaceRing(this.#file, ring);
    this.#ring = ring;
  }
}
