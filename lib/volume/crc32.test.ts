import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32Join } from './crc32.ts';

test('the CRC of two strings is that of both together', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (a, b) => {
      const both = crc32(Buffer.concat([a, b]));
      expect(crc32Join(crc32(a), crc32(b), b.length)).toBe(both);
    }),
  );
});

test('lengths over 4 GiB count in full', () => {
  // The CRC of n zero bytes, by doubling, against one step.
  let doubled = crc32(Buffer.alloc(1));
  for (let bytes = 1; bytes < 2 ** 40; bytes *= 2) doubled = crc32Join(doubled, doubled, bytes);
  let ones = crc32(Buffer.alloc(2 ** 20));
  let bytes = 2 ** 20;
  while (bytes < 2 ** 40) {
    ones = crc32Join(ones, ones, bytes);
    bytes *= 2;
  }
  expect(ones).toBe(doubled);
  expect(crc32Join(0, 0x1234, 2 ** 40)).toBe(0x1234);
});
