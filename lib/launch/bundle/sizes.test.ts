import { expect, test } from 'vitest';
import { measureAgent } from './bundle.ts';
import { compareSizes, recordedSizes } from './sizes.ts';

const RECORDED = { agent: 2_000_000, thread: 100_000 };

test('a program may grow or shrink by a twentieth', () => {
  expect(compareSizes({ agent: 2_100_000, thread: 95_000 }, RECORDED)).toEqual([]);
});

test('beyond that it is named, with the way to record what is meant', () => {
  expect(compareSizes({ agent: 2_100_001, thread: 94_999 }, RECORDED)).toEqual([
    'the agent has 2100001 bytes, recorded are 2000000 (+5.0 %): see what came or went, and if it is meant, npm run build -- --record-sizes',
    'the program of its threads has 94999 bytes, recorded are 100000 (-5.0 %): see what came or went, and if it is meant, npm run build -- --record-sizes',
  ]);
});

test('the programs are as large as they are recorded', async () => {
  expect(compareSizes(await measureAgent(), recordedSizes())).toEqual([]);
});
