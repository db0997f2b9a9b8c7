import { expect, test } from 'vitest';
import { KeyHash } from './key-hash.ts';

/** Of the bytes 0, 1, 2, … under the secret 0 … 7: vectors.h of the reference implementation (`vectors_hsip64`). */
const VECTORS = [
  '218d1f59b9b83cc8',
  'be552412f8387315',
  '064f39ef7c50eb57',
  'ce0f1a45f7060679',
  'd5e78a175be52ea1',
  'cb9d7c3f2f3db580',
  'ce3e91358aa2bc25',
  'ff202728b07bc684',
  'edfee820bce4858c',
  '5b51cccc13888307',
];
const SECRET = Buffer.from([0, 1, 2, 3, 4, 5, 6, 7]);
const counting = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, i) => i));
const hex = (words: Uint32Array): string => Buffer.from(words.slice().buffer).toString('hex');

test('both halves are HalfSipHash-2-4', () => {
  const hash = new KeyHash(Buffer.concat([SECRET, SECRET]));
  for (const [length, vector] of VECTORS.entries())
    expect(hex(hash.of(counting(length)))).toBe(vector + vector);
});

test('the halves have secrets of their own, and another hash has others', () => {
  const [first, second] = [new KeyHash(), new KeyHash()].map((hash) => hex(hash.of(SECRET)));
  expect(first?.slice(0, 16)).not.toBe(first?.slice(16));
  expect(first).not.toBe(second);
});

test('a range is hashed as if it were alone', () => {
  const hash = new KeyHash(Buffer.concat([SECRET, SECRET]));
  const around = Buffer.concat([Buffer.from('..'), counting(9), Buffer.from('.....')]);
  expect(hex(hash.of(around, 2, 11))).toBe(`${VECTORS[9]}${VECTORS[9]}`);
});
