import { expect, test } from 'vitest';
import { testsBeside } from './changed-tests.ts';

test('changed files bring the tests that lie beside them, and no others', () => {
  const files = ['lib/a/x.ts', 'lib/a/x.test.ts', 'lib/a/b/y.test.ts', 'lib/c/z.test.ts'];
  expect(testsBeside(['lib/a/x.ts', 'README.md'], files)).toEqual(['lib/a/x.test.ts']);
});
