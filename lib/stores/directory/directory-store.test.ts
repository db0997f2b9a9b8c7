import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  listKeys,
  newObject,
  putObject,
  readObject,
  storeWorld,
} from '../../testing/store-world.ts';
import { tempDir } from '../../testing/temp.ts';
import { openStore } from '../open.ts';
import { createBucket } from './directory-store.ts';

describe('objects', () => {
  test("that turn out to be in each other's way are named by the flush, and nothing else is lost", async () => {
    const { store, reopen, bucketDir } = storeWorld('directory');
    await putObject(store, 'a');
    await putObject(store, 'b');
    const other = reopen();
    await putObject(other, 'a/below');
    await other.flush();
    const problems = await store.flush();
    expect(problems.map(({ key, error }) => [key.toString(), error.code])).toEqual([
      ['a', 'StoreKeyConflict'],
    ]);
    expect(await listKeys(store)).toEqual(['a/below', 'b']);
    await store.close();
    await other.close();
    expect(readdirSync(bucketDir).sort()).toEqual(['a', 'b']);
  });

  test('are files with their time, to the microsecond, and their mode', async () => {
    const { store, bucketDir } = storeWorld('directory');
    for (const micro of [123_457, 1, 999_999, 500_000]) {
      const mtimeNs = 1_700_000_000_000_000_000n + BigInt(micro) * 1000n;
      await putObject(store, 'f', '', { mtimeNs, mode: 0o4750 });
      const stat = await store.stat(Buffer.from('f'));
      expect(stat?.mtimeNs ?? 0n).toBeGreaterThanOrEqual(mtimeNs);
      expect((stat?.mtimeNs ?? 0n) / 1000n).toBe(mtimeNs / 1000n);
    }
    await store.flush();
    expect(statSync(join(bucketDir, 'f')).mode & 0o7777).toBe(0o750);
  });

  test('that were given up leave no file and no folder', async () => {
    const { store, bucketDir } = storeWorld('directory');
    const writer = await store.put(newObject('a/b'));
    await writer.write(Buffer.from('x'));
    await writer.abort();
    await store.close();
    expect(readdirSync(bucketDir)).toEqual([]);
  });
});

test.each([false, true])(
  'a store that is another directory now, or none, is not written to: %s',
  async (isReplaced) => {
    const { store, bucketDir } = storeWorld('directory');
    await putObject(store, 'a');
    await store.flush();
    renameSync(bucketDir, `${bucketDir}-unmounted`);
    if (isReplaced) mkdirSync(bucketDir);
    const refused = { code: 'StoreUnavailable' };
    await expect(putObject(store, 'b')).rejects.toMatchObject(refused);
    await expect(putObject(store, 'folder/c')).rejects.toMatchObject(refused);
    if (isReplaced) expect(readdirSync(bucketDir)).toEqual([]);
    else expect(existsSync(bucketDir)).toBe(false);
  },
);

describe('what leads out of the bucket is refused', () => {
  test.each(['.waybill-tmp', '.waybill-tmp/x', `${'x'.repeat(256)}/y`])('key %j', async (key) => {
    const { store } = storeWorld('directory');
    await expect(putObject(store, key, '')).rejects.toMatchObject({ code: 'KeyRefused' });
  });

  test('a key that only begins like the reserved one is fine', async () => {
    const { store } = storeWorld('directory');
    await putObject(store, '.waybill-tmpfoo');
    expect(await listKeys(store)).toEqual(['.waybill-tmpfoo']);
  });

  test('links on the way and at the end', async () => {
    const { store, root, bucketDir } = storeWorld('directory');
    const outside = join(root, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'secret'), 'secret');
    symlinkSync(outside, join(bucketDir, 'dir'));
    symlinkSync(join(outside, 'secret'), join(bucketDir, 'leaf'));
    await expect(putObject(store, 'dir/x')).rejects.toMatchObject({ code: 'StoreKeyConflict' });
    await expect(putObject(store, 'leaf')).rejects.toMatchObject({ code: 'StoreKeyConflict' });
    await expect(readObject(store, 'leaf')).rejects.toMatchObject({ code: 'ObjectVanished' });
    expect(await listKeys(store)).toEqual([]);
    expect(readdirSync(outside)).toEqual(['secret']);
  });

  test('a link in place of the temporary folder costs nobody a file', async () => {
    const { store, root, bucketDir } = storeWorld('directory');
    const outside = join(root, 'outside');
    mkdirSync(join(outside, 'old'), { recursive: true });
    utimesSync(join(outside, 'old'), 1, 1);
    symlinkSync(outside, join(bucketDir, '.waybill-tmp'));
    await expect(async () => store.check()).rejects.toMatchObject({ code: 'StoreUnavailable' });
    await expect(putObject(store, 'x')).rejects.toMatchObject({ code: 'StoreUnavailable' });
    expect(readdirSync(outside)).toEqual(['old']);
  });
});

describe('a bucket on a device', () => {
  test('is written to no more once another device is in its place', async () => {
    const { root, bucketDir } = storeWorld('directory');
    const [, bucket = ''] = bucketDir.split(`${root}/`);
    const store = openStore({ kind: 'directory', root, bucket, isOneFileSystem: true });
    await putObject(store, 'a/1');
    await store.flush();
    const outside = join(root, 'outside');
    mkdirSync(outside);
    const started = await store.put(newObject('b/2'));
    renameSync(bucketDir, `${bucketDir}-away`);
    mkdirSync(bucketDir);
    symlinkSync(outside, join(bucketDir, 'a'));
    const code = expect.stringMatching(/^Store(Unavailable|KeyConflict)$/);
    await expect(async () => started.commit()).rejects.toMatchObject({ code });
    await expect(putObject(store, 'c/3')).rejects.toMatchObject({ code });
    await expect(putObject(store, 'a/4')).rejects.toMatchObject({ code });
    expect(readdirSync(bucketDir)).toEqual(['a']);
    expect(readdirSync(outside)).toEqual([]);
  });
});

describe('buckets', () => {
  test('a bucket has a name that S3 would take', () => {
    for (const name of ['ab', 'UPPER', '-x-', 'a/b', '..', 'x'.repeat(64)]) {
      expect(() => createBucket(tempDir(), name)).toThrow(/bucket name/);
    }
  });

  test('a store that is not installed says so', () => {
    expect(() => openStore({ kind: 's3', root: '/', bucket: 'b' })).toThrow(/no s3 store/);
  });
});
