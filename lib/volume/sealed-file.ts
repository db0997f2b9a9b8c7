import { createHash } from 'node:crypto';
import { closeSync, fstatSync, readSync, writevSync } from 'node:fs';
import { WaybillError } from '../domain/errors.ts';
import { deviceError } from '../files/durable.ts';
import { errnoOf } from '../files/errno.ts';
import {
  checkHeader,
  fileKey,
  makeHeader,
  openFrame,
  type SealedFileId,
  sealFrame,
} from './frames.ts';
import { FRAME_BYTES, HEADER_BYTES, SEALED_FRAME_BYTES, TAG_BYTES } from './layout.ts';

/** Where frames lie in memory while they are filled and read. Each is FRAME_BYTES long. */
export interface FrameBuffers {
  /** The buffer for the next frame; what is in it may be overwritten. */
  next(): Buffer;
}

/** One buffer for every frame. */
export function oneFrame(): FrameBuffers {
  const frame = Buffer.allocUnsafeSlow(FRAME_BYTES);
  return { next: () => frame };
}

/**
 * Encrypts a stream of bytes into a file descriptor. Callers read straight into `space()`, so plaintext is
 * copied nowhere. The digest is SHA-256 over the header and every frame's tag: who holds the key has proved
 * each frame by its tag, so the tags stand for the whole file.
 */
export class SealedFileWriter {
  readonly #fd: number;
  readonly #key: Buffer;
  readonly #digest = createHash('sha256');
  readonly #frames: FrameBuffers;
  #frame: Buffer;
  #header: Buffer | undefined;
  #used = 0;
  #count = 0;
  #flushed = 0;

  constructor(fd: number, jobKey: Buffer, id: SealedFileId, frames: FrameBuffers) {
    this.#fd = fd;
    this.#header = makeHeader(id);
    this.#key = fileKey(jobKey, this.#header, id.format);
    this.#digest.update(this.#header);
    this.#frames = frames;
    this.#frame = frames.next();
  }

  /** Plaintext bytes taken so far. */
  get bytes(): number {
    return this.#flushed + this.#used;
  }

  /** Room for the next bytes, at least one. */
  space(): Buffer {
    // A full frame waits here until more bytes come: only then is it known not to be the last one.
    if (this.#used === FRAME_BYTES) {
      this.#flush(false);
      this.#frame = this.#frames.next();
    }
    return this.#frame.subarray(this.#used);
  }

  /** Takes the first `length` bytes of what `space()` returned. */
  advance(length: number): void {
    this.#used += length;
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const space = this.space();
      const piece = bytes.subarray(at, at + space.length);
      space.set(piece);
      this.advance(piece.length);
      at += piece.length;
    }
  }

  /** Writes the last frame. */
  finish(): { bytes: number; frames: number; digest: Buffer } {
    this.#flush(true);
    return { bytes: this.#flushed, frames: this.#count, digest: this.#digest.digest() };
  }

  #flush(last: boolean): void {
    const pieces = sealFrame(this.#key, this.#count, last, this.#frame.subarray(0, this.#used));
    const tag = pieces.at(-1);
    if (tag) this.#digest.update(tag);
    writevAll(this.#fd, this.#header ? [this.#header, ...pieces] : pieces);
    this.#header = undefined;
    this.#flushed += this.#used;
    this.#count += 1;
    this.#used = 0;
  }
}

function writevAll(fd: number, pieces: Buffer[]): void {
  let rest = pieces;
  for (;;) {
    let written = writevSync(fd, rest);
    const index = rest.findIndex((piece) => {
      if (written < piece.length) return true;
      written -= piece.length;
      return false;
    });
    if (index < 0) return;
    const [first, ...others] = rest.slice(index);
    rest = first ? [first.subarray(written), ...others] : others;
  }
}

/** What a writer of a whole file in memory gives; `write` takes it to its place. */
export function sealBytes(jobKey: Buffer, id: SealedFileId, plaintext: Buffer): Buffer {
  const header = makeHeader(id);
  const key = fileKey(jobKey, header, id.format);
  const pieces: Buffer[] = [header];
  const frames = Math.max(1, Math.ceil(plaintext.length / FRAME_BYTES));
  for (let i = 0; i < frames; i += 1) {
    const frame = plaintext.subarray(i * FRAME_BYTES, (i + 1) * FRAME_BYTES);
    pieces.push(...sealFrame(key, i, i === frames - 1, frame));
  }
  return Buffer.concat(pieces);
}

/** Bytes of a sealed file with so much plaintext. */
export function sealedBytes(plaintextBytes: number): number {
  const frames = Math.max(1, Math.ceil(plaintextBytes / FRAME_BYTES));
  return HEADER_BYTES + plaintextBytes + frames * TAG_BYTES;
}

/** A frame that is not what the volume's key holder wrote. Offsets are of the file. */
export class FrameDamage extends Error {
  readonly offset: number;
  constructor(offset: number) {
    super(`frame at ${offset}`);
    this.offset = offset;
  }
}

/** Where a thread reads a frame: a buffer for each file would be garbage that is seldom collected. */
let sealedFrame: Buffer | undefined;

/** Random access to the frames of a sealed file. */
export class SealedFileReader {
  readonly frames: number;
  readonly #fd: number;
  readonly #key: Buffer;
  readonly #size: number;
  readonly #digest: ReturnType<typeof createHash>;

  /** Takes an open file over; undefined for a missing one. Throws VolumeInvalid when it is missing, too large or not what its name says. */
  constructor(fd: number | undefined, id: SealedFileId, jobKey: Buffer, plaintextBytesMax: number) {
    if (fd === undefined)
      throw new WaybillError('VolumeInvalid', { detail: `${id.kind} ${id.number} is missing` });
    this.#fd = fd;
    try {
      this.#size = fstatSync(this.#fd).size;
      const body = this.#size - HEADER_BYTES;
      this.frames = Math.ceil(body / SEALED_FRAME_BYTES);
      const last = body - (this.frames - 1) * SEALED_FRAME_BYTES;
      if (body < TAG_BYTES || last < TAG_BYTES || this.#size > sealedBytes(plaintextBytesMax)) {
        throw new WaybillError('VolumeInvalid', {
          detail: `${id.kind} ${id.number} has a wrong size`,
        });
      }
      const header = Buffer.alloc(HEADER_BYTES);
      readFully(this.#fd, header, HEADER_BYTES, 0);
      checkHeader(header, id);
      this.#key = fileKey(jobKey, header, id.format);
      this.#digest = createHash('sha256').update(header);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  /** Plaintext bytes of the file, from its size. */
  get bytes(): number {
    return this.#size - HEADER_BYTES - this.frames * TAG_BYTES;
  }

  /** Decrypts a frame into `target` (FRAME_BYTES), or only proves it. Returns its length. Throws FrameDamage. */
  readFrame(index: number, target?: Buffer): number {
    const offset = HEADER_BYTES + index * SEALED_FRAME_BYTES;
    const length = Math.min(SEALED_FRAME_BYTES, this.#size - offset);
    if (index < 0 || length < TAG_BYTES) throw new FrameDamage(offset);
    sealedFrame ??= Buffer.allocUnsafeSlow(SEALED_FRAME_BYTES);
    const sealed = sealedFrame.subarray(0, length);
    readFully(this.#fd, sealed, length, offset);
    this.#digest.update(sealed.subarray(length - TAG_BYTES));
    const opened = openFrame(this.#key, index, index === this.frames - 1, sealed, target);
    if (opened === undefined) throw new FrameDamage(offset);
    return opened;
  }

  /** The file's digest, once every frame has been read in order. */
  digest(): Buffer {
    return this.#digest.copy().digest();
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Decrypts a whole small file that is open, and closes it. Throws VolumeInvalid and FrameDamage. */
export function openBytes(
  fd: number | undefined,
  id: SealedFileId,
  jobKey: Buffer,
  bytesMax: number,
): Buffer {
  const reader = new SealedFileReader(fd, id, jobKey, bytesMax);
  try {
    const content = Buffer.allocUnsafe(reader.bytes);
    for (let i = 0; i < reader.frames; i += 1)
      reader.readFrame(i, content.subarray(i * FRAME_BYTES));
    return content;
  } finally {
    reader.close();
  }
}

/** Decrypts a small file that is in memory already. Throws VolumeInvalid and FrameDamage. */
export function openBuffer(sealed: Buffer, id: SealedFileId, jobKey: Buffer): Buffer {
  const header = sealed.subarray(0, HEADER_BYTES);
  checkHeader(header, id);
  const key = fileKey(jobKey, header, id.format);
  const body = sealed.length - HEADER_BYTES;
  const frames = Math.max(1, Math.ceil(body / SEALED_FRAME_BYTES));
  const content = Buffer.allocUnsafe(Math.max(0, body - frames * TAG_BYTES));
  for (let i = 0; i < frames; i += 1) {
    const at = HEADER_BYTES + i * SEALED_FRAME_BYTES;
    const frame = sealed.subarray(at, at + SEALED_FRAME_BYTES);
    const target = content.subarray(i * FRAME_BYTES);
    if (openFrame(key, i, i === frames - 1, frame, target) === undefined) throw new FrameDamage(at);
  }
  return content;
}

/** Reads exactly so many bytes. A file that ends early is damaged, and so is a sector that cannot be read. */
function readFully(fd: number, target: Buffer, length: number, position: number): void {
  for (let at = 0; at < length; ) {
    const got = readSome(fd, target, at, length - at, position + at);
    if (got === 0) throw new FrameDamage(position);
    at += got;
  }
}

function readSome(fd: number, target: Buffer, at: number, length: number, from: number): number {
  try {
    return readSync(fd, target, at, length, from);
  } catch (error) {
    if (errnoOf(error) === 'EIO') return 0;
    throw deviceError(error, 'the device');
  }
}
