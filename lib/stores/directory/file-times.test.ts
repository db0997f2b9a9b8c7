import { expect, test } from 'vitest';
import { lostTime } from './file-times.ts';

const NS = 1_000_000_000n;

test.each([
  ['the same', 5n * NS, 5n * NS, undefined],
  ['two seconds of FAT', 5n * NS + 1n, 4n * NS, undefined],
  ['the last of ext4', 16_000_000_000n * NS, 15_032_385_535n * NS, '15032385535 s'],
  ['the first of FAT', -NS, 315_532_800n * NS, '315532800 s'],
])('a time that became another one is told: %s', (_, wanted, got, says) => {
  if (says === undefined) expect(lostTime(wanted, got)).toBeUndefined();
  else expect(lostTime(wanted, got)).toContain(says);
});
