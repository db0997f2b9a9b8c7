import { createHash } from 'node:crypto';
import { Stopped } from '../../domain/stopped.ts';
import type { SourceObject } from '../scan/source-spec.ts';
import type { ProcessingThread } from './processing-thread.ts';

const PIECE = 256 * 1024;

/** An object's bytes for the first step, with the SHA-256 of all of them, also of those that no step reads. */
export class SourceBody {
  bytes = 0;
  readonly #object: SourceObject;
  readonly #thread: ProcessingThread;
  readonly #counts: boolean;
  readonly #hash = createHash('sha256');

  constructor(object: SourceObject, thread: ProcessingThread, counts = true) {
    this.#object = object;
    this.#thread = thread;
    this.#counts = counts;
  }

  async *body(): AsyncGenerator<Uint8Array> {
    const { control } = this.#thread;
    for (;;) {
      const piece = Buffer.allocUnsafe(
        Math.max(1, Math.min(PIECE, this.#object.bytes - this.bytes + 1)),
      );
      const got = await this.#object.read(piece);
      if (got === 0) return;
      const chunk = piece.subarray(0, got);
      this.#hash.update(chunk);
      this.bytes += got;
      if (this.#counts) control.add('bytes', got);
      yield chunk;
      // A file that grows for ever shows in its size.
      if (this.bytes > this.#object.bytes) return;
      if (control.stopped) throw new Stopped();
    }
  }

  async drain(): Promise<void> {
    for await (const _ of this.body());
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }

  /** The object will be read again. */
  uncount(): void {
    if (this.#counts) this.#thread.control.add('bytes', -this.bytes);
  }
}
