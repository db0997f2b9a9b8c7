import { expect, test } from 'vitest';
import { ERRORS, type ErrorCode, nextOfRetried, WaybillError } from './errors.ts';

test('a program that tries again by itself tells nobody to run its command again', () => {
  const told = (Object.keys(ERRORS) as ErrorCode[]).map((code) =>
    nextOfRetried(new WaybillError(code)),
  );
  expect(told.filter((next) => /same command/.test(next))).toEqual([]);
  expect(nextOfRetried(new WaybillError('StoreFull'))).toBe('make room; it goes on by itself');
});
