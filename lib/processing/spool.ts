import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const IN_MEMORY = 4 * 1024 ** 2;
const PIECE = 256 * 1024;

/** Bytes that have to be kept for a moment: in memory while they are few, then in a file that is gone with the process. */
export class Spool {
  bytes = 0;
  #pieces: Buffer[] = [];
  #fd: number | undefined;

  write(chunk: Uint8Array): void {
    const piece = Buffer.from(chunk);
    this.bytes += piece.length;
    if (this.#fd === undefined && this.bytes > IN_MEMORY) this.#toFile();
    if (this.#fd === undefined) this.#pieces.push(piece);
    else writeFully(this.#fd, piece);
  }

  /** The bytes from one offset to another. */
  slice(from: number, to: number): Buffer {
    if (this.#fd === undefined) return this.#joined().subarray(from, to);
    const target = Buffer.alloc(to - from);
    let at = 0;
    while (at < target.length) {
      const got = readSync(this.#fd, target, at, target.length - at, from + at);
      if (got === 0) break;
      at += got;
    }
    return target.subarray(0, at);
  }

  async *body(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this.bytes; at += PIECE)
      yield this.slice(at, Math.min(this.bytes, at + PIECE));
  }

  close(): void {
    this.#pieces = [];
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #joined(): Buffer {
    const [first] = this.#pieces;
    if (first && this.#pieces.length === 1) return first;
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }

  #toFile(): void {
    const dir = mkdtempSync(join(tmpdir(), 'waybill-step-'));
    this.#fd = openSync(join(dir, 'spool'), 'wx+', 0o600);
    // What is open needs no name; nothing is left behind when the process is killed.
    rmSync(dir, { recursive: true });
    for (const piece of this.#pieces) writeFully(this.#fd, piece);
    this.#pieces = [];
  }
}

function writeFully(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
