import { WaybillError } from '../domain/errors.ts';

/** A file in a tar archive, as it comes. Its bytes have to be read before the next one. */
export interface TarMember {
  name: string;
  bytes: number;
  content: AsyncIterable<Uint8Array>;
}

const BLOCK = 512;
/** Of a pax header: it holds a size and a name. */
const PAX_BYTES_MAX = 64 * 1024;

/**
 * The files of a tar archive in the order in which they lie in it, without holding more than a block of it. Only what
 * `tarHeader` writes is read: plain files, with a pax size where it is large. Throws TarInvalid.
 */
export async function* readTar(archive: AsyncIterable<Uint8Array>): AsyncGenerator<TarMember> {
  const source = new Blocks(archive);
  let size: number | undefined;
  for (;;) {
    const header = await source.take(BLOCK);
    if (header.every((byte) => byte === 0)) return;
    checkSum(header);
    const type = String.fromCharCode(header[156] ?? 0);
    const own = octal(header.subarray(124, 136));
    if (type === 'x') {
      if (own > PAX_BYTES_MAX) throw invalid('a header is too large');
      size = paxSize(await source.take(own));
      await source.take(padding(own));
      continue;
    }
    if (type !== '0') throw invalid('it holds something that is no file');
    const bytes = size ?? own;
    size = undefined;
    const name = text(header.subarray(0, 100));
    const part = source.part(bytes);
    yield { name, bytes, content: part };
    // What the caller did not read is passed over.
    for await (const _ of part);
    await source.take(padding(bytes));
  }
}

const padding = (bytes: number): number => (BLOCK - (bytes % BLOCK)) % BLOCK;
const invalid = (detail: string): WaybillError => new WaybillError('TarInvalid', { detail });

function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString('latin1');
}

function octal(field: Uint8Array): number {
  const digits = text(field).trim();
  if (!/^[0-7]+$/.test(digits)) throw invalid('a number in a header is wrong');
  return Number.parseInt(digits, 8);
}

function checkSum(header: Uint8Array): void {
  let sum = 0;
  for (const [i, byte] of header.entries()) sum += i >= 148 && i < 156 ? 0x20 : byte;
  if (sum !== octal(header.subarray(148, 156))) throw invalid('a header is damaged');
}

function paxSize(records: Uint8Array): number | undefined {
  const found = /(?:^|\n)\d+ size=(\d+)\n/.exec(Buffer.from(records).toString('latin1'))?.[1];
  const size = found === undefined ? undefined : Number(found);
  if (size !== undefined && !Number.isSafeInteger(size)) throw invalid('a size is too large');
  return size;
}

/** Takes bytes off a stream by count. */
class Blocks {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(archive: AsyncIterable<Uint8Array>) {
    this.#chunks = archive[Symbol.asyncIterator]();
  }

  /** At most so many bytes, at least one. */
  async #some(max: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done) throw invalid('it is cut off');
      this.#rest = value;
    }
    const some = this.#rest.subarray(0, max);
    this.#rest = this.#rest.subarray(some.length);
    return some;
  }

  async take(count: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for await (const part of this.part(count)) parts.push(part);
    return Buffer.concat(parts);
  }

  /** The next bytes, as they come. Read twice it goes on where it was. */
  part(count: number): AsyncIterable<Uint8Array> {
    let left = count;
    const next = async (): Promise<IteratorResult<Uint8Array>> => {
      if (left === 0) return { value: undefined, done: true };
      const value = await this.#some(left);
      left -= value.length;
      return { value, done: false };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }
}
