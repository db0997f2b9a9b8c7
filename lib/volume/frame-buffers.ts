import { FRAME_BYTES } from './layout.ts';

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
