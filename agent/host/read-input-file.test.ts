import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../lib/testing/temp.ts';
import { readGiven } from './read-input-file.ts';

test('a file is read whole, up to the size it may have', () => {
  const path = join(tempDir(), 'file');
  writeFileSync(path, '12345');
  expect(readGiven(path, { bytesMax: 5 }).toString()).toBe('12345');
  expect(() => readGiven(path, { bytesMax: 4 })).toThrow(
    expect.objectContaining({ code: 'Usage', message: expect.stringContaining('too large') }),
  );
});

test('what cannot be read is said with its name, by the code that was asked for', () => {
  const dir = tempDir();
  for (const path of [join(dir, 'missing'), dir])
    expect(() => readGiven(path, { code: 'ManifestInvalid' })).toThrow(
      expect.objectContaining({ code: 'ManifestInvalid', message: expect.stringContaining(path) }),
    );
});
