import { WaybillError } from '../../domain/errors.ts';
import type { Extent, ObjectRecord } from '../catalog/records.ts';
import type { FrameBuffers } from '../frame-buffers.ts';
import { FRAME_BYTES } from '../layout.ts';
import type { VolumeReader } from '../volume.ts';
import { FrameDamage, type SealedFileReader } from './sealed-file.ts';

interface CachedSegment {
  file: SealedFileReader;
  /** The one frame kept decrypted: neighbours in a segment share it. */
  frame: Buffer;
  index: number;
  length: number;
}

/** Bytes that take no room on the volume. */
async function giveZeros(
  length: number,
  onChunk: (chunk: Buffer) => void | Promise<void>,
  frames: FrameBuffers | undefined,
): Promise<void> {
  const own = frames ? undefined : Buffer.alloc(Math.min(length, FRAME_BYTES));
  for (let left = length; left > 0; ) {
    const frame = own ?? frames?.next().fill(0) ?? Buffer.alloc(FRAME_BYTES);
    const chunk = frame.subarray(0, Math.min(left, frame.length));
    const pending = onChunk(chunk);
    if (pending) await pending;
    left -= chunk.length;
  }
}

/** Segments kept open: the one being read, and the one a spanning object came from. */
const OPEN_SEGMENTS_MAX = 2;

/** Random access to objects' bytes over decrypted frames. */
export class SealedReader implements VolumeReader {
  readonly #open: (number: number) => SealedFileReader;
  readonly #segments = new Map<number, CachedSegment>();

  constructor(open: (number: number) => SealedFileReader) {
    this.#open = open;
  }

  async read(
    record: ObjectRecord,
    onChunk: (chunk: Buffer) => void | Promise<void>,
    frames?: FrameBuffers,
  ): Promise<void> {
    for (const extent of record.extents) {
      if (extent.segment === 0) {
        await giveZeros(extent.length, onChunk, frames);
        continue;
      }
      for (let at = extent.offset; at < extent.offset + extent.length; ) {
        const chunk = frames
          ? this.#chunk(
              { ...this.#segment(extent.segment), frame: frames.next(), index: -1 },
              extent,
              at,
            )
          : this.#chunk(this.#segment(extent.segment), extent, at);
        const pending = onChunk(chunk);
        if (pending) await pending;
        at += chunk.length;
      }
    }
  }

  close(): void {
    for (const { file } of this.#segments.values()) file.close();
    this.#segments.clear();
  }

  /** Bytes of an extent from a plaintext offset to the end of its frame. */
  #chunk(segment: CachedSegment, extent: Extent, at: number): Buffer {
    const index = Math.floor(at / FRAME_BYTES);
    if (segment.index !== index) {
      segment.index = -1;
      try {
        segment.length = segment.file.readFrame(index, segment.frame);
      } catch (error) {
        if (!(error instanceof FrameDamage)) throw error;
        throw new WaybillError('FrameDamaged', { segment: extent.segment, offset: error.offset });
      }
      segment.index = index;
    }
    const from = at - index * FRAME_BYTES;
    const to = Math.min(segment.length, extent.offset + extent.length - index * FRAME_BYTES);
    if (to <= from) {
      throw new WaybillError('VolumeInvalid', {
        detail: `an object lies behind the end of segment ${extent.segment}`,
      });
    }
    return segment.frame.subarray(from, to);
  }

  #segment(number: number): CachedSegment {
    const cached = this.#segments.get(number);
    if (cached) return cached;
    const [oldest] = this.#segments.keys();
    const evicted =
      oldest !== undefined && this.#segments.size >= OPEN_SEGMENTS_MAX
        ? this.#segments.get(oldest)
        : undefined;
    if (evicted && oldest !== undefined) {
      evicted.file.close();
      this.#segments.delete(oldest);
    }
    try {
      const frame = evicted?.frame ?? Buffer.allocUnsafeSlow(FRAME_BYTES);
      const opened = { file: this.#open(number), frame, index: -1, length: 0 };
      this.#segments.set(number, opened);
      return opened;
    } catch (error) {
      if (!(error instanceof FrameDamage)) throw error;
      throw new WaybillError('FrameDamaged', { segment: number, offset: error.offset });
    }
  }
}
