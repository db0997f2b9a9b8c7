import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../lib/testing/temp.ts';
import { writePrivate } from './private-file.ts';

async function* parts(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

test('a stream becomes one file for its owner alone, in a folder that is made', async () => {
  const path = join(tempDir(), 'a/b/file');
  await writePrivate(path, parts('one ', 'two ', 'three'), { makeFolder: true });
  expect(readFileSync(path, 'utf8')).toBe('one two three');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a file that is there stays unless it is to be replaced', async () => {
  const path = join(tempDir(), 'file');
  writeFileSync(path, 'old', { mode: 0o644 });
  await expect(writePrivate(path, Buffer.from('new'))).rejects.toMatchObject({ code: 'Usage' });
  expect(readFileSync(path, 'utf8')).toBe('old');
  await writePrivate(path, Buffer.from('new'), { replace: true });
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a stream that breaks leaves nothing behind', async () => {
  const dir = tempDir();
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half');
    throw new RangeError('cut');
  }
  await expect(writePrivate(join(dir, 'file'), broken())).rejects.toThrow('cut');
  expect(readdirSync(dir)).toEqual([]);
});
