import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adviseOption, compareWays, daysByDevice, daysByNetwork } from './ship-or-send.ts';
import { TB } from './sizes.ts';
import { OPTIONS } from './words.ts';

test('100 TB over 1 Gb/s at 80 % take about twelve days', () => {
  const days = daysByNetwork({ bytes: 100 * TB, mbitPerSecond: 1000, utilisation: 0.8 });
  expect(days).toBeCloseTo(11.574, 3);
});

test('more data never takes fewer days by network, and a faster line never more', () => {
  const move = fc.record({
    bytes: fc.integer({ min: 1, max: 500 * TB }),
    option: fc.constantFrom(...OPTIONS),
    mbitPerSecond: fc.integer({ min: 1, max: 100_000 }),
    utilisation: fc.double({ min: 0.05, max: 1, noNaN: true }),
    shippingDays: fc.integer({ min: 1, max: 30 }),
  });
  fc.assert(
    fc.property(move, (one) => {
      const { network, device, better, devices } = compareWays(one);
      expect(daysByNetwork({ ...one, bytes: one.bytes * 2 })).toBeGreaterThan(network);
      expect(daysByNetwork({ ...one, mbitPerSecond: one.mbitPerSecond * 2 })).toBeLessThan(network);
      expect(device).toBeGreaterThan(one.shippingDays * (one.option === 'disk' ? 1 : 2));
      expect(daysByDevice({ ...one, shippingDays: one.shippingDays + 1 })).toBeGreaterThan(device);
      expect(devices).toBeGreaterThanOrEqual(1);
      expect(better === 'network').toBe(network <= device);
    }),
  );
});

test('advice follows the rules of the options', () => {
  const need = { ownDisk: false, processing: false, archiveOrImage: false };
  expect(adviseOption(need).option).toBe('snowball');
  expect(adviseOption({ ...need, ownDisk: true }).option).toBe('disk');
  expect(adviseOption({ ...need, archiveOrImage: true }).option).toBe('disk');
  expect(adviseOption({ ...need, processing: true, ownDisk: true }).option).toBe('snowball-edge');
});
