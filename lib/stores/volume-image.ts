import { createHash } from 'node:crypto';
import { closeSync, fchmodSync, ftruncateSync, openSync } from 'node:fs';
import { writeAll } from './local-files.ts';

/** Block of the EBS direct API, bytes. */
export const BLOCK_BYTES = 512 * 1024;

const ZEROS = Buffer.alloc(BLOCK_BYTES);
/** Checksum lines kept before they are written. */
const LINES_MAX = 4096;

/** What `ImageWriter` has written. */
export interface ImageSummary {
  bytes: number;
  /** Blocks that are not all zero. */
  blocks: number;
  /** SHA-256 over the SHA-256 digests of those blocks in order: CompleteSnapshot's LINEAR aggregation. */
  checksum: Buffer;
}

/**
 * Writes a volume's raw image as a sparse file (blocks of zeros are holes) and, beside it, a line
 * `<block index> <base64 SHA-256>` for each other block, as PutSnapshotBlock asks. The last block counts as if
 * zeros filled it.
 */
export class ImageWriter {
  readonly #image: number;
  readonly #checksums: number;
  readonly #linear = createHash('sha256');
  readonly #block = Buffer.alloc(BLOCK_BYTES);
  #filled = 0;
  #index = 0;
  #blocks = 0;
  #lines: string[] = [];
  #open = true;

  constructor(imagePath: string, checksumPath: string) {
    this.#image = openSync(imagePath, 'wx', 0o600);
    this.#checksums = openSync(checksumPath, 'wx', 0o600);
  }

  write(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + BLOCK_BYTES - this.#filled);
      at += part.length;
      if (part.length === BLOCK_BYTES) this.#add(part);
      else this.#fill(part);
    }
  }

  /** Ends and closes both files. */
  finish(): ImageSummary {
    const rest = this.#filled;
    const bytes = this.#index * BLOCK_BYTES + rest;
    if (rest > 0) this.#add(this.#block.fill(0, rest));
    // Cuts off what filled the last block, and makes holes at the end count.
    ftruncateSync(this.#image, bytes);
    this.#writeLines();
    for (const fd of [this.#image, this.#checksums]) fchmodSync(fd, 0o400);
    this.close();
    return { bytes, blocks: this.#blocks, checksum: this.#linear.digest() };
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#image);
    closeSync(this.#checksums);
  }

  #fill(part: Uint8Array): void {
    this.#block.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled < BLOCK_BYTES) return;
    this.#filled = 0;
    this.#add(this.#block);
  }

  #add(block: Uint8Array): void {
    const index = this.#index;
    this.#index += 1;
    if (ZEROS.equals(block)) return;
    writeAll(this.#image, block, index * BLOCK_BYTES);
    const digest = createHash('sha256').update(block).digest();
    this.#linear.update(digest);
    this.#blocks += 1;
    this.#lines.push(`${index} ${digest.toString('base64')}\n`);
    if (this.#lines.length >= LINES_MAX) this.#writeLines();
  }

  #writeLines(): void {
    writeAll(this.#checksums, Buffer.from(this.#lines.join('')));
    this.#lines = [];
  }
}
