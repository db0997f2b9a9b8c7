import { close, fdatasync, openSync } from 'node:fs';

/** Small enough that little is left for the sync at the end, large enough for a disk to write in one go. */
const STEP_BYTES = 32 * 1024 * 1024;

/**
 * Has the kernel write a large file to its disk while it still grows. Else the disk rests until the sync at the
 * end, and then whoever waits for that does. Nothing depends on it: what is durable is said by that sync alone.
 */
export class WriteBack {
  readonly #path: string | Buffer;
  /** A descriptor of its own: an error of the disk is told once a descriptor, and the sync at the end must hear it. */
  #fd: number | undefined;
  #bytes = 0;
  #next = STEP_BYTES;

  constructor(path: string | Buffer) {
    this.#path = path;
  }

  /** After a write of so many bytes at the end of the file. */
  wrote(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < this.#next) return;
    this.#next = this.#bytes + STEP_BYTES;
    try {
      this.#fd ??= openSync(this.#path, 'r');
      fdatasync(this.#fd, ignore);
    } catch {
      // A device that is gone is told of by the next write.
      this.#next = Number.POSITIVE_INFINITY;
    }
  }

  /** The file is closed. */
  close(): void {
    if (this.#fd !== undefined) close(this.#fd, ignore);
    this.#fd = undefined;
  }
}

const ignore = (): void => undefined;
