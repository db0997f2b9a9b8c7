import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { invariant } from '../../domain/invariant.ts';
import { deviceError } from '../../files/durable.ts';
import type { Awaitable, ObjectReader, ObjectWriter, Store } from '../../stores/store.ts';
import { NO_SEGMENT, PageBuilder } from '../catalog/page.ts';
import type { ObjectRecord } from '../catalog/records.ts';
import { type FrameBuffers, oneFrame } from '../frame-buffers.ts';
import { LAYOUT_1, PAGE_BYTES_CLOSE, SEGMENT_BYTES_MAX } from '../layout.ts';
import type { Checksums, NewEntry, VolumeReader, VolumeWriter } from '../volume.ts';

/** Bag payloads lie in a directory store, which answers at once; its errors are errors of the device here. */
function onPayload<T>(work: () => Awaitable<T>): T {
  try {
    const value = work();
    invariant(!(value instanceof Promise), 'a bag is written synchronously');
    return value;
  } catch (error) {
    if (!isWaybillError(error, 'StoreFull', 'StoreUnavailable', 'BucketNotFound')) throw error;
    const { cause, message } = error;
    throw cause === undefined
      ? new WaybillError('DeviceIo', { detail: message }, { cause: error })
      : deviceError(cause, 'the device');
  }
}

/**
 * Writes objects as plain files under data/. A page names what was made durable before it, so a killed run
 * loses at most the files since its last page; they are written again.
 */
export class BagWriter implements VolumeWriter {
  readonly groups = undefined;
  readonly #store: Store;
  readonly #publishPage: (number: number, page: Buffer) => void;
  readonly #nextNumber: () => number;
  readonly #frames: FrameBuffers;
  readonly #page = new PageBuilder(LAYOUT_1);
  #buffer: Buffer;
  #entry: NewEntry | undefined;
  #file: ObjectWriter | undefined;
  #payloadBytes = 0;

  constructor(
    store: Store,
    publishPage: (number: number, page: Buffer) => void,
    nextNumber: () => number,
    frames: FrameBuffers,
  ) {
    this.#store = store;
    this.#publishPage = publishPage;
    this.#nextNumber = nextNumber;
    this.#frames = frames;
    this.#buffer = frames.next();
  }

  begin(entry: NewEntry): void {
    invariant(!this.#entry, 'one object at a time');
    const { key, mode, mtimeNs, bytes } = entry;
    this.#file = onPayload(() => this.#store.put({ key, mode, mtimeNs, bytes }));
    this.#entry = entry;
  }

  space(): Buffer {
    return this.#buffer;
  }

  advance(length: number): void {
    const file = this.#file;
    invariant(file, 'advance follows begin');
    onPayload(() => file.write(this.#buffer.subarray(0, length)));
    this.#buffer = this.#frames.next();
    this.#payloadBytes += length;
  }

  end(bytes: number, checksums: Checksums, meta?: Record<string, unknown>): void {
    const entry = this.#entry;
    const file = this.#file;
    invariant(entry && file, 'end follows begin');
    this.#entry = undefined;
    this.#file = undefined;
    onPayload(() => file.commit());
    const { key, mode, mtimeNs, replaces } = entry;
    this.#page.add({
      kind: key.at(-1) === 0x2f ? 'directory' : 'file',
      key,
      mode,
      bytes,
      mtimeNs,
      crc32: checksums.crc32,
      sha256: checksums.sha256,
      extents: [],
      replaces,
      meta,
    });
    if (this.#payloadBytes >= SEGMENT_BYTES_MAX || this.#page.bytes >= PAGE_BYTES_CLOSE)
      this.commit();
  }

  abandon(): void {
    const file = this.#file;
    if (file) onPayload(() => file.abort());
    this.#entry = undefined;
    this.#file = undefined;
  }

  suspend(): void {
    this.abandon();
  }

  commit(): void {
    invariant(!this.#entry, 'commit between objects');
    if (this.#page.records === 0) return;
    const [problem] = onPayload(() => this.#store.flush());
    if (problem) throw problem.error;
    const number = this.#nextNumber();
    this.#publishPage(number, this.#page.finish(number, NO_SEGMENT));
    this.#page.clear();
    this.#payloadBytes = 0;
  }
}

/** Reads payload files. */
export class BagReader implements VolumeReader {
  readonly #store: Store;
  readonly #own = oneFrame();

  readonly #whatIsAt: (key: Buffer) => string;

  /** `whatIsAt` says what lies in the place of an object's file. */
  constructor(store: Store, whatIsAt: (key: Buffer) => string) {
    this.#store = store;
    this.#whatIsAt = whatIsAt;
  }

  async read(
    record: ObjectRecord,
    onChunk: (chunk: Buffer) => void | Promise<void>,
    frames: FrameBuffers = this.#own,
  ): Promise<void> {
    if (record.kind === 'directory') return;
    const file = await this.#open(record.key);
    try {
      for (let left = record.bytes; left > 0; ) {
        const buffer = frames.next();
        const got = await file.read(buffer, 0, Math.min(left, buffer.length));
        if (got === 0) return;
        const pending = onChunk(buffer.subarray(0, got));
        if (pending) await pending;
        left -= got;
      }
    } finally {
      await file.close();
    }
  }

  /** Throws PayloadDamaged where the store would speak of itself: it is the device that has no such file. */
  async #open(key: Buffer): Promise<ObjectReader> {
    try {
      return await this.#store.open(key);
    } catch (error) {
      if (!isWaybillError(error, 'ObjectVanished', 'StoreKeyConflict')) throw error;
      const facts = { found: this.#whatIsAt(key) };
      throw new WaybillError('PayloadDamaged', facts, { cause: error });
    }
  }

  close(): void {
    // The store holds nothing open between objects.
  }
}
