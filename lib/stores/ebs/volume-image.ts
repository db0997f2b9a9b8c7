import { closeSync, fchmodSync, ftruncateSync, openSync } from 'node:fs';
import { writeAll } from '../../files/file-access.ts';
import { BLOCK_BYTES, type ImageBlock, ImageBlocks, type ImageSummary } from './image-blocks.ts';

/** Checksum lines kept before they are written. */
const LINES_MAX = 4096;

/**
 * Writes a volume's raw image as a sparse file (blocks of zeros are holes) and, beside it, a line
 * `<block index> <base64 SHA-256>` for each other block, as PutSnapshotBlock asks.
 */
export class ImageWriter {
  readonly #image: number;
  readonly #checksums: number;
  readonly #blocks = new ImageBlocks();
  #lines: string[] = [];
  #open = true;

  constructor(imagePath: string, checksumPath: string) {
    this.#image = openSync(imagePath, 'wx', 0o600);
    this.#checksums = openSync(checksumPath, 'wx', 0o600);
  }

  write(chunk: Uint8Array): void {
    for (const block of this.#blocks.add(chunk)) this.#take(block);
  }

  /** Ends and closes both files. */
  finish(): ImageSummary {
    for (const block of this.#blocks.end()) this.#take(block);
    const summary = this.#blocks.summary();
    // Cuts off what filled the last block, and makes holes at the end count.
    ftruncateSync(this.#image, summary.bytes);
    this.#writeLines();
    for (const fd of [this.#image, this.#checksums]) fchmodSync(fd, 0o400);
    this.close();
    return summary;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#image);
    closeSync(this.#checksums);
  }

  #take({ index, bytes, sha256 }: ImageBlock): void {
    writeAll(this.#image, bytes, index * BLOCK_BYTES);
    this.#lines.push(`${index} ${sha256.toString('base64')}\n`);
    if (this.#lines.length >= LINES_MAX) this.#writeLines();
  }

  #writeLines(): void {
    writeAll(this.#checksums, Buffer.from(this.#lines.join('')));
    this.#lines = [];
  }
}
