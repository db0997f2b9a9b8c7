import { expect, test } from 'vitest';
import { withPlainOverwrite } from './option-values.ts';

test.each([
  [
    ['restore', '--overwrite', '/data'],
    ['restore', '--overwrite=always', '/data'],
  ],
  [
    ['restore', '/data', '--overwrite'],
    ['restore', '/data', '--overwrite=always'],
  ],
  [
    ['--overwrite', '--device', '/mnt'],
    ['--overwrite=always', '--device', '/mnt'],
  ],
  [
    ['--overwrite', 'if-different', '/data'],
    ['--overwrite', 'if-different', '/data'],
  ],
  [['--overwrite=never'], ['--overwrite=never']],
])('%j means %j', (given, meant) => {
  expect(withPlainOverwrite(given)).toEqual(meant);
});
