import { crc32 } from 'node:zlib';

/**
 * The CRCs that S3 knows. CRC-32 is zlib's; the other two are computed here, eight bytes a step ("slicing by 8"):
 * CRC-32C (RFC 3720, appendix B.4) and CRC-64/NVME (NVM Command Set Specification 1.0, section 5.2.1.3.4).
 */

/** Takes a checksum of bytes, in order. */
export interface RunningChecksum {
  update(chunk: Uint8Array): void;
  /** As S3 writes it before base64: the highest byte first. */
  digest(): Buffer;
}

export class Crc32 implements RunningChecksum {
  #crc = 0;

  update(chunk: Uint8Array): void {
    this.#crc = crc32(chunk, this.#crc);
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#crc);
    return bytes;
  }
}

/** A CRC of 32 or 64 bits whose polynomial is reflected; both start with all bits set and are inverted at the end. */
class ReflectedCrc implements RunningChecksum {
  readonly #tables: Tables;
  readonly #bytes: 4 | 8;
  #low = -1;
  #high: number;

  constructor(tables: Tables, bytes: 4 | 8) {
    this.#tables = tables;
    this.#bytes = bytes;
    this.#high = bytes === 8 ? -1 : 0;
  }

  update(chunk: Uint8Array): void {
    const { low: lows, high: highs } = this.#tables;
    let low = this.#low;
    let high = this.#high;
    const whole = chunk.length - (chunk.length % SLICES);
    let at = 0;
    for (; at < whole; at += SLICES) {
      const a = low ^ fourBytes(chunk, at);
      const b = high ^ fourBytes(chunk, at + 4);
      // Table k holds what a byte does k bytes before the end of the eight.
      const i7 = 1792 | (a & 255);
      const i6 = 1536 | ((a >>> 8) & 255);
      const i5 = 1280 | ((a >>> 16) & 255);
      const i4 = 1024 | (a >>> 24);
      const i3 = 768 | (b & 255);
      const i2 = 512 | ((b >>> 8) & 255);
      const i1 = 256 | ((b >>> 16) & 255);
      const i0 = b >>> 24;
      low = lookUp(lows, i7) ^ lookUp(lows, i6) ^ lookUp(lows, i5) ^ lookUp(lows, i4);
      low ^= lookUp(lows, i3) ^ lookUp(lows, i2) ^ lookUp(lows, i1) ^ lookUp(lows, i0);
      high = lookUp(highs, i7) ^ lookUp(highs, i6) ^ lookUp(highs, i5) ^ lookUp(highs, i4);
      high ^= lookUp(highs, i3) ^ lookUp(highs, i2) ^ lookUp(highs, i1) ^ lookUp(highs, i0);
    }
    for (; at < chunk.length; at += 1) {
      const i = (low ^ (chunk[at] ?? 0)) & 255;
      low = ((low >>> 8) | (high << 24)) ^ lookUp(lows, i);
      high = (high >>> 8) ^ lookUp(highs, i);
    }
    this.#low = low;
    this.#high = high;
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32BE(~this.#high, 0);
    bytes.writeInt32BE(~this.#low, 4);
    return bytes.subarray(8 - this.#bytes);
  }
}

const SLICES = 8;

/** 8 tables of 256 entries each, low and high half apart. */
interface Tables {
  low: Int32Array;
  high: Int32Array;
}

const lookUp = (table: Int32Array, at: number): number => table[at] ?? 0;

function fourBytes(chunk: Uint8Array, at: number): number {
  return (
    (chunk[at] ?? 0) |
    ((chunk[at + 1] ?? 0) << 8) |
    ((chunk[at + 2] ?? 0) << 16) |
    ((chunk[at + 3] ?? 0) << 24)
  );
}

/** The tables of a reflected polynomial. */
function tablesOf(polynomial: bigint): Tables {
  const low = new Int32Array(256 * SLICES);
  const high = new Int32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
    low[byte] = Number(BigInt.asIntN(32, crc));
    high[byte] = Number(BigInt.asIntN(32, crc >> 32n));
  }
  for (let at = 256; at < 256 * SLICES; at += 1) {
    const before = at - 256;
    const i = lookUp(low, before) & 255;
    low[at] = ((lookUp(low, before) >>> 8) | (lookUp(high, before) << 24)) ^ lookUp(low, i);
    high[at] = (lookUp(high, before) >>> 8) ^ lookUp(high, i);
  }
  return { low, high };
}

let tables32c: Tables | undefined;
let tables64: Tables | undefined;

export function crc32c(): RunningChecksum {
  tables32c ??= tablesOf(0x82f63b78n);
  return new ReflectedCrc(tables32c, 4);
}

export function crc64nvme(): RunningChecksum {
  tables64 ??= tablesOf(0x9a6c9329ac4bc9b5n);
  return new ReflectedCrc(tables64, 8);
}
