import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Crc32, crc32c, crc64nvme } from './reflected-crc.ts';

const KINDS = [
  // "check" of the catalogue of parametrised CRC algorithms (reveng): the CRC of "123456789".
  { name: 'CRC-32', begin: () => new Crc32(), check: 'cbf43926' },
  { name: 'CRC-32C', begin: crc32c, check: 'e3069283' },
  { name: 'CRC-64/NVME', begin: crc64nvme, check: 'ae8b14860a799888' },
];

test.each(KINDS)('$name of its check text is the one of the catalogue', ({ begin, check }) => {
  const sum = begin();
  sum.update(Buffer.from('123456789'));
  expect(sum.digest().toString('hex')).toBe(check);
});

test.each(KINDS)('$name is the same however the bytes are cut', ({ begin }) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
      const whole = begin();
      whole.update(Buffer.concat(chunks));
      const cut = begin();
      for (const chunk of chunks) cut.update(chunk);
      expect(cut.digest()).toEqual(whole.digest());
    }),
  );
});
