import { WaybillError } from '../../domain/errors.ts';
import { invariant } from '../../domain/invariant.ts';
import { checkLimit } from '../../domain/limits.ts';
import type { KeyRules } from '../../domain/object-keys.ts';
import { formatBytes } from '../../domain/sizes.ts';
import { Stopped } from '../../domain/stopped.ts';
import type { MadeObject } from '../../processing/run-steps.ts';
import { InlineDigest } from '../checksums/digest.ts';
import type { ScanEntry } from '../scan/scan-list.ts';
import type { ProcessingThread } from './processing-thread.ts';

/** The objects that are made of one, on their way to the volume. */
export class OutputGroup {
  readonly thread: ProcessingThread;
  readonly keyRules: KeyRules;
  readonly #entry: ScanEntry;
  #made: MadeObject[] = [];
  #bytes = 0;

  constructor(thread: ProcessingThread, entry: ScanEntry, keyRules: KeyRules) {
    this.thread = thread;
    this.keyRules = keyRules;
    this.#entry = entry;
  }

  async write(made: MadeObject, key: string, replaces: boolean): Promise<void> {
    const { writer } = this.thread;
    const groups = this.#groups();
    const digest = new InlineDigest(UNKNOWN);
    writer.begin({
      key: Buffer.from(key),
      mode: this.#entry.mode,
      mtimeNs: made.mtimeNs,
      bytes: 0,
      replaces,
      parts: [],
      endPart: () => digest.endPart(),
    });
    let bytes = 0;
    try {
      for await (const chunk of made.body) {
        bytes += chunk.length;
        if (bytes > this.keyRules.objectBytesMax) {
          const limit = formatBytes(this.keyRules.objectBytesMax);
          throw new WaybillError('ObjectTooLarge', { actual: formatBytes(bytes), limit });
        }
        this.#append(chunk, digest);
      }
    } catch (error) {
      writer.abandon();
      throw error;
    }
    groups.stage(bytes, () => digest.finish());
    this.#made.push(made);
  }

  #append(chunk: Uint8Array, digest: InlineDigest): void {
    const { writer, control, option, sizeBytes } = this.thread;
    for (let at = 0; at < chunk.length; ) {
      const space = writer.space();
      const piece = chunk.subarray(at, at + space.length);
      space.set(piece);
      digest.update(space.subarray(0, piece.length));
      writer.advance(piece.length);
      at += piece.length;
    }
    this.#bytes += chunk.length;
    checkLimit('writing', option, sizeBytes, control.add('written', chunk.length));
    if (control.stopped) throw new Stopped();
  }

  /** All of them are on the volume from now on. */
  release(meta: (made: MadeObject, i: number) => Record<string, unknown>): void {
    this.#groups().commitStaged(this.#made.map(meta));
    this.thread.control.add('writtenObjects', this.#made.length);
    this.#made = [];
    this.#bytes = 0;
  }

  /** None of them will be. */
  undo(): void {
    this.#groups().discardStaged();
    this.thread.control.add('written', -this.#bytes);
    this.#made = [];
    this.#bytes = 0;
  }

  #groups() {
    const { groups } = this.thread.writer;
    invariant(groups, 'only sealed volumes hold objects that were processed');
    return groups;
  }
}

/** An output's size, while it is being made. */
const UNKNOWN = -1;
