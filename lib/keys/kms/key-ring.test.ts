import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../testing/temp.ts';
import { joinRing, ringOfOne } from './key-ring.ts';
import { openLocalKms } from './local.ts';

const ringOf = (id: string, byte: number) =>
  JSON.stringify(ringOfOne(id, Buffer.alloc(32, byte).toString('base64')));

test('keys that are joined stand beside those of the file, whose own stays current', () => {
  const file = join(tempDir(), 'keys/master-keys.json');
  expect(joinRing(file, ringOf('mk-a', 1))).toEqual(['mk-a']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(joinRing(file, ringOf('mk-b', 2)).sort()).toEqual(['mk-a', 'mk-b']);
  expect(JSON.parse(readFileSync(file, 'utf8')).current).toBe('mk-a');
  expect(() => joinRing(file, '{"keys":{}}')).toThrow(/32 bytes/);
  expect(() => joinRing(file, 'no ring')).toThrow(/no key file/);
});

test('who lost the key file gets no other in its place, neither at the start nor while it runs', async () => {
  const file = join(tempDir(), 'master-keys.json');
  const running = openLocalKms({ file });
  const wrapped = await running.wrap(Buffer.from('secret'), { use: 'a' });
  rmSync(file);
  const gone = { code: 'KeyUnavailable', message: expect.stringContaining('join-master-key') };
  await expect(running.wrap(Buffer.from('other'), { use: 'a' })).rejects.toMatchObject(gone);
  await expect(running.unwrap(wrapped, { use: 'a' })).rejects.toMatchObject(gone);
  await expect(openLocalKms({ file }).unwrap(wrapped, { use: 'a' })).rejects.toMatchObject(gone);
  expect(existsSync(file)).toBe(false);
});
