import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diskCode, diskSeq } from './disk-code.ts';

test('every job has an id of its own, and the id leads back to it', () => {
  fc.assert(
    fc.property(fc.nat(45_435_423), (seq) => {
      const code = diskCode(seq);
      expect(code).toMatch(/^[A-NP-Z1-9]{5}$/);
      expect(diskSeq(code)).toBe(seq);
      expect(diskSeq(code.toLowerCase())).toBe(seq);
    }),
  );
  const first = Array.from({ length: 5000 }, (_, i) => diskCode(i));
  expect(new Set(first).size).toBe(first.length);
});

test('what is no id leads nowhere', () => {
  for (const text of ['', 'ABCD', 'ABCDEF', 'ABCDO', 'ABCD0', 'AB-DE']) {
    expect(diskSeq(text)).toBeUndefined();
  }
});
