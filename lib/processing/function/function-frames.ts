/** Frames between this program and a function's process: length (4 bytes, of what follows), kind (1 byte), content. */
export const FRAME = {
  /** To the function: head length (4 bytes), head (JSON), first bytes of the object. */
  invoke: 1,
  /** To the function: the object's next bytes. */
  chunk: 2,
  /** From the function: it wants more of the object. */
  read: 3,
  /** From the function: an output begins (JSON), its bytes, and its end. */
  put: 4,
  putData: 5,
  putEnd: 6,
  done: 7,
  /** From the function: message and stack. */
  fail: 8,
  /** From the function: the handler is loaded. */
  ready: 9,
  /** From the function: a line of its log. */
  log: 10,
} as const;

export interface Frame {
  kind: number;
  content: Buffer;
}

/** What a function sends is not trusted: no frame is longer. */
export const FRAME_BYTES_MAX = 2 * 1024 ** 2;

export function encodeFrame(kind: number, ...content: Uint8Array[]): Buffer {
  const length = content.reduce((sum, piece) => sum + piece.length, 1);
  const head = Buffer.allocUnsafe(5);
  head.writeUInt32BE(length, 0);
  head.writeUInt8(kind, 4);
  return Buffer.concat([head, ...content]);
}

/** Cuts what arrives into frames. Throws RangeError for a frame that is too long. */
export class FrameReader {
  #received: Buffer = Buffer.alloc(0);

  *take(data: Buffer): Generator<Frame> {
    this.#received = this.#received.length === 0 ? data : Buffer.concat([this.#received, data]);
    while (this.#received.length >= 5) {
      const length = this.#received.readUInt32BE(0);
      if (length < 1 || length > FRAME_BYTES_MAX) throw new RangeError('it broke the protocol');
      if (this.#received.length < 4 + length) return;
      const kind = this.#received.readUInt8(4);
      const content = this.#received.subarray(5, 4 + length);
      this.#received = this.#received.subarray(4 + length);
      yield { kind, content };
    }
  }
}
