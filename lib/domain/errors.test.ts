import { expect, test } from 'vitest';
import { ERRORS, type ErrorCode, nextOfRetried, WaybillError } from './errors.ts';

test('a program that tries again by itself tells nobody to run its command again', () => {
  const told = (Object.keys(ERRORS) as ErrorCode[]).map((code) =>
    nextOfRetried(new WaybillError(code)),
  );
  expect(told.filter((next) => /same command/.test(next))).toEqual([]);
  expect(nextOfRetried(new WaybillError('StoreFull', { detail: 'no room' }))).toBe(
    'make room; it goes on by itself',
  );
});

test('an error that lacks a fact of its text does not compile', () => {
  // @ts-expect-error limit is missing
  expect(new WaybillError('BodyTooLarge').message).toContain('(limit unknown)');
  // @ts-expect-error permission is missing
  expect(new WaybillError('Forbidden', { role: 'viewer' }).message).toContain('unknown');
  expect(new WaybillError('MalformedJson').message).toBe('the body is not valid JSON');
});
