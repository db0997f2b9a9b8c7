import { createHash } from 'node:crypto';
import { closeSync, fstatSync, readSync, writevSync } from 'node:fs';
import { WaybillError } from '../../domain/errors.ts';
import { deviceError } from '../../files/durable.ts';
import { errnoOf } from '../../files/errno.ts';
import type { FrameBuffers } from '../frame-buffers.ts';
import { FRAME_BYTES, HEADER_BYTES, SEALED_FRAME_BYTES, TAG_BYTES } from '../layout.ts';
import {
  checkHeader,
  fileKey,
  guessFrame,
  makeHeader,
  openFrame,
  type SealedFileId,
  sealFrame,
} from './frames.ts';

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

/**
 * Random access to the frames of a sealed file. How long the file is its size says, until a frame does not open: bytes may
 * have been put behind its end. Then `plaintextBytes` is asked, which knows better, and what lies behind is ignored.
 */
export class SealedFileReader {
  readonly #fd: number;
  readonly #key: Buffer;
  readonly #digest: ReturnType<typeof createHash>;
  #size: number;
  #frames: number;
  #plaintextBytes: (() => number | undefined) | undefined;

  /** Takes an open file over; undefined for a missing one. Throws VolumeInvalid when it is missing, too large or not what its name says. */
  constructor(
    fd: number | undefined,
    id: SealedFileId,
    jobKey: Buffer,
    options: { bytesMax: number; plaintextBytes?: () => number | undefined },
  ) {
    if (fd === undefined)
      throw new WaybillError('VolumeInvalid', { detail: `${id.kind} ${id.number} is missing` });
    this.#fd = fd;
    this.#plaintextBytes = options.plaintextBytes;
    try {
      this.#size = fstatSync(this.#fd).size;
      this.#frames = framesOf(this.#size);
      if (!isPossible(this.#size, options.bytesMax) && !this.#isLonger()) {
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

  get frames(): number {
    return this.#frames;
  }

  /** Plaintext bytes of the file, from its size. */
  get bytes(): number {
    return this.#size - HEADER_BYTES - this.#frames * TAG_BYTES;
  }

  /** Decrypts a frame into `target` (FRAME_BYTES), or only proves it. Returns its length. Throws FrameDamage. */
  readFrame(index: number, target?: Buffer): number {
    const opened =
      this.#openFrame(index, target) ??
      (this.#isLonger() ? this.#openFrame(index, target) : undefined);
    if (opened === undefined) throw new FrameDamage(HEADER_BYTES + index * SEALED_FRAME_BYTES);
    return opened;
  }

  #openFrame(index: number, target: Buffer | undefined): number | undefined {
    const offset = HEADER_BYTES + index * SEALED_FRAME_BYTES;
    const length = Math.min(SEALED_FRAME_BYTES, this.#size - offset);
    if (index < 0 || length < TAG_BYTES) return undefined;
    sealedFrame ??= Buffer.allocUnsafeSlow(SEALED_FRAME_BYTES);
    const sealed = sealedFrame.subarray(0, length);
    readFully(this.#fd, sealed, length, offset);
    const opened = openFrame(this.#key, index, index === this.#frames - 1, sealed, target);
    if (opened !== undefined) this.#digest.update(sealed.subarray(length - TAG_BYTES));
    return opened;
  }

  /** Whether the file is longer than what belongs to it; asked once. From then on its end is where it should be. */
  #isLonger(): boolean {
    const bytes = this.#plaintextBytes?.();
    this.#plaintextBytes = undefined;
    if (bytes === undefined || this.#size <= sealedBytes(bytes)) return false;
    this.#size = sealedBytes(bytes);
    this.#frames = framesOf(this.#size);
    return true;
  }

  /** The file's digest, once every frame has been read in order. */
  digest(): Buffer {
    return this.#digest.copy().digest();
  }

  close(): void {
    closeSync(this.#fd);
  }
}

const framesOf = (size: number): number => Math.ceil((size - HEADER_BYTES) / SEALED_FRAME_BYTES);

/** Whether a sealed file can have this size: the last frame has its tag, and nothing is larger than allowed. */
function isPossible(size: number, plaintextBytesMax: number): boolean {
  const body = size - HEADER_BYTES;
  const last = body - (framesOf(size) - 1) * SEALED_FRAME_BYTES;
  return body >= TAG_BYTES && last >= TAG_BYTES && size <= sealedBytes(plaintextBytesMax);
}

/** Decrypts a whole small file that is open, and closes it. Throws VolumeInvalid and FrameDamage. */
export function openBytes(
  fd: number | undefined,
  id: SealedFileId,
  jobKey: Buffer,
  bytesMax: number,
): Buffer {
  const reader = new SealedFileReader(fd, id, jobKey, { bytesMax });
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

/**
 * Decrypts a sealed file whose bytes may go on behind its end: `endOf` finds the end of the plaintext, given all of it and
 * what follows it. Nothing is used before its frame has been proved with that end. Undefined when it is not authentic.
 */
export function openWithTail(
  sealed: Buffer,
  id: SealedFileId,
  jobKey: Buffer,
  endOf: (plaintext: Buffer) => number,
): Buffer | undefined {
  const header = sealed.subarray(0, HEADER_BYTES);
  checkHeader(header, id);
  const key = fileKey(jobKey, header, id.format);
  const content = Buffer.allocUnsafe(sealed.length);
  for (let i = 0; ; i += 1) {
    const at = HEADER_BYTES + i * SEALED_FRAME_BYTES;
    const frame = sealed.subarray(at, at + SEALED_FRAME_BYTES);
    const target = content.subarray(i * FRAME_BYTES, (i + 1) * FRAME_BYTES);
    const isWhole = frame.length === SEALED_FRAME_BYTES;
    if (isWhole && openFrame(key, i, false, frame, target) !== undefined) continue;
    // This is the last frame, or the file is damaged. Which bytes of it are its tag depends on what they say.
    const guess = guessFrame(key, i, frame.subarray(0, FRAME_BYTES));
    const end = endOf(Buffer.concat([content.subarray(0, i * FRAME_BYTES), guess]));
    const length = end - i * FRAME_BYTES;
    if (length < 0 || length + TAG_BYTES > frame.length) return undefined;
    const opened = openFrame(key, i, true, frame.subarray(0, length + TAG_BYTES), target);
    return opened === undefined ? undefined : content.subarray(0, end);
  }
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
