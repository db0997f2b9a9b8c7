import { seededBytes } from '../../trees.ts';

type Random = () => number;
const below = (random: Random, n: number): number => Math.floor(random() * n);

/** Lengths, counts and signs at which arithmetic goes wrong. */
const NUMBERS = [
  0n,
  1n,
  0x7fn,
  0xffffn,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const TEXTS = [
  ...['null', '1e999', '-1', '{}', '[]', '""', '\n', '\0', '\\ud800', '{"__proto__":{"x":1}}'],
  ...['"constructor"', '"toString"', '"__proto__"', '[['.repeat(500), `"${'x'.repeat(9000)}"`],
  ...['\u00ff\u00fe', '/', '..', '9007199254740993', 'true', '-----BEGIN CERTIFICATE-----'],
];

type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const spliced = (bytes: Buffer, at: number, remove: number, insert: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);

const MUTATIONS: Mutation[] = [
  (bytes, random) => {
    const at = below(random, bytes.length);
    return spliced(bytes, at, 1, Buffer.from([(bytes[at] ?? 0) ^ (1 << below(random, 8))]));
  },
  (bytes, random) =>
    spliced(bytes, below(random, bytes.length), 1, Buffer.from([below(random, 256)])),
  (bytes, random) => {
    const number = Buffer.alloc(8);
    number.writeBigUInt64BE(NUMBERS[below(random, NUMBERS.length)] ?? 0n);
    const width = [2, 4, 8][below(random, 3)] ?? 8;
    return spliced(bytes, below(random, bytes.length), width, number.subarray(8 - width));
  },
  (bytes, random) => bytes.subarray(0, below(random, bytes.length)),
  (bytes, random) =>
    spliced(bytes, below(random, bytes.length), below(random, 30), Buffer.alloc(0)),
  (bytes, random) =>
    spliced(bytes, below(random, bytes.length), 0, seededBytes(below(random, 1e9), 20)),
  (bytes, random) => {
    const text = Buffer.from(TEXTS[below(random, TEXTS.length)] ?? '');
    return spliced(bytes, below(random, bytes.length), below(random, 2) * text.length, text);
  },
  (bytes, random) => {
    const at = below(random, bytes.length);
    return spliced(bytes, at, 0, bytes.subarray(at, at + below(random, 200)));
  },
  (bytes, random, other) =>
    Buffer.concat([
      bytes.subarray(0, below(random, bytes.length)),
      other.subarray(below(random, other.length)),
    ]),
];

/** One to four mutations of a sample, with pieces of another. The same random numbers give the same bytes. */
export function mutate(bytes: Buffer, other: Buffer, random: Random): Buffer {
  let mutated = bytes;
  for (let left = 1 + below(random, 4); left > 0; left -= 1) {
    const mutation = MUTATIONS[below(random, MUTATIONS.length)];
    mutated = mutation?.(mutated, random, other) ?? mutated;
  }
  return mutated;
}
