import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../testing/temp.ts';
import { AWKWARD_NAMES } from '../testing/trees.ts';
import { createBucket } from './directory.ts';
import { openStore } from './open.ts';
import type { Store } from './store.ts';

function newStore(): { store: Store; root: string; bucket: string } {
  const root = tempDir();
  createBucket(root, 'bucket');
  return {
    store: openStore({ kind: 'directory', root, bucket: 'bucket' }),
    root,
    bucket: join(root, 'bucket'),
  };
}

async function put(store: Store, key: string, content = key): Promise<void> {
  const bytes = Buffer.from(content);
  const writer = await store.put({
    key: Buffer.from(key),
    bytes: bytes.length,
    mtimeNs: 0n,
    mode: 0o644,
  });
  if (bytes.length > 0 && !key.endsWith('/')) await writer.write(bytes);
  await writer.commit();
}

async function get(store: Store, key: string): Promise<string> {
  const reader = await store.open(Buffer.from(key));
  const buffer = Buffer.alloc(10_000);
  const got = await reader.read(buffer, 0, buffer.length);
  await reader.close();
  return buffer.toString('utf8', 0, got);
}

async function keys(
  store: Store,
  range: { prefix: string; begin?: string; end?: string } = { prefix: '' },
) {
  const found: string[] = [];
  for await (const { key } of store.list(range)) found.push(key.toString());
  return found;
}

describe('objects', () => {
  test('come back under every legal name, and are gone from nowhere else', async () => {
    const { store } = newStore();
    for (const name of AWKWARD_NAMES) await put(store, `dir/${name}`);
    for (const name of AWKWARD_NAMES) expect(await get(store, `dir/${name}`)).toBe(`dir/${name}`);
    expect(await keys(store)).toHaveLength(AWKWARD_NAMES.length);
    await store.flush();
    await store.close();
    expect(await keys(store)).toHaveLength(AWKWARD_NAMES.length);
  });

  test('are not to be seen before they are committed, nor after they were given up', async () => {
    const { store, bucket } = newStore();
    const writer = await store.put({ key: Buffer.from('a/b'), bytes: 1, mtimeNs: 0n, mode: 0o644 });
    await writer.write(Buffer.from('x'));
    expect(await keys(store)).toEqual([]);
    expect(await store.stat(Buffer.from('a/b'))).toBeUndefined();
    await writer.abort();
    await writer.abort();
    await store.close();
    expect(readdirSync(bucket)).toEqual([]);
  });

  test('keep their time to the microsecond and their mode, never setuid', async () => {
    const { store, bucket } = newStore();
    for (const micro of [123_457, 1, 999_999, 500_000]) {
      const mtimeNs = 1_700_000_000_000_000_000n + BigInt(micro) * 1000n;
      const writer = await store.put({ key: Buffer.from('f'), bytes: 0, mtimeNs, mode: 0o4750 });
      await writer.commit();
      const stat = await store.stat(Buffer.from('f'));
      expect(stat?.mtimeNs ?? 0n).toBeGreaterThanOrEqual(mtimeNs);
      expect((stat?.mtimeNs ?? 0n) / 1000n).toBe(mtimeNs / 1000n);
    }
    expect(statSync(join(bucket, 'f')).mode & 0o7777).toBe(0o750);
  });

  test('can be replaced; empty directories are objects that end in a slash', async () => {
    const { store } = newStore();
    await put(store, 'a', 'one');
    await put(store, 'a', 'two');
    await put(store, 'empty/', '');
    expect(await get(store, 'a')).toBe('two');
    expect(await keys(store)).toEqual(['a', 'empty/']);
  });

  test('that are missing are undefined, or vanished', async () => {
    const { store } = newStore();
    expect(await store.stat(Buffer.from('no/such'))).toBeUndefined();
    await expect(async () => store.open(Buffer.from('no/such'))).rejects.toMatchObject({
      code: 'ObjectVanished',
    });
  });
});

describe('listings', () => {
  const segment = fc.stringMatching(/^[a-c.!-]{1,3}$/).filter((s) => s !== '.' && s !== '..');
  const key = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));

  test('are in byte order and within their range', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { maxLength: 12 }),
        key,
        key,
        segment,
        async (all, begin, end, prefix) => {
          const { store } = newStore();
          const stored = all.filter((k) => !all.some((other) => other.startsWith(`${k}/`)));
          for (const k of stored) await put(store, k);
          const order = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
          expect(await keys(store)).toEqual([...stored].sort(order));
          const inRange = stored.filter((k) => order(k, begin) >= 0 && order(k, end) <= 0);
          expect(await keys(store, { prefix: '', begin, end })).toEqual(inRange.sort(order));
          const prefixed = stored.filter((k) => k.startsWith(prefix));
          expect(await keys(store, { prefix })).toEqual(prefixed.sort(order));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('what leads out of the bucket is refused', () => {
  test.each(['../x', '/etc/x', 'a/../../x', '.waybill-tmp/x', '', `${'x'.repeat(256)}/y`])(
    'key %j',
    async (key) => {
      const { store } = newStore();
      await expect(put(store, key, '')).rejects.toMatchObject({ code: 'KeyRefused' });
    },
  );

  test('a key that only begins like the reserved one is fine', async () => {
    const { store } = newStore();
    await put(store, '.waybill-tmpfoo');
    expect(await keys(store)).toEqual(['.waybill-tmpfoo']);
  });

  test('links on the way, at the end, and in place of the bucket', async () => {
    const { store, root, bucket } = newStore();
    const outside = join(root, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'secret'), 'secret');
    symlinkSync(outside, join(bucket, 'dir'));
    symlinkSync(join(outside, 'secret'), join(bucket, 'leaf'));
    symlinkSync(outside, join(root, 'linked'));
    await expect(put(store, 'dir/x')).rejects.toMatchObject({ code: 'StoreKeyConflict' });
    await expect(put(store, 'leaf')).rejects.toMatchObject({ code: 'StoreKeyConflict' });
    await expect(get(store, 'leaf')).rejects.toMatchObject({ code: 'ObjectVanished' });
    expect(await keys(store)).toEqual([]);
    const linked = openStore({ kind: 'directory', root, bucket: 'linked' });
    await expect(put(linked, 'x')).rejects.toMatchObject({ code: 'BucketNotFound' });
    expect(readdirSync(outside)).toEqual(['secret']);
  });

  test('a link in place of the temporary folder costs nobody a file', async () => {
    const { store, root, bucket } = newStore();
    const outside = join(root, 'outside');
    mkdirSync(join(outside, 'old'), { recursive: true });
    utimesSync(join(outside, 'old'), 1, 1);
    symlinkSync(outside, join(bucket, '.waybill-tmp'));
    await expect(async () => store.check()).rejects.toMatchObject({ code: 'StoreUnavailable' });
    await expect(put(store, 'x')).rejects.toMatchObject({ code: 'StoreUnavailable' });
    expect(readdirSync(outside)).toEqual(['old']);
  });
});

describe('conflicts', () => {
  test('an object cannot lie under another, nor take the place of a folder', async () => {
    const { store, bucket } = newStore();
    await put(store, 'a', 'file');
    await expect(put(store, 'a/b')).rejects.toMatchObject({ code: 'StoreKeyConflict' });
    await put(store, 'dir/x');
    await expect(put(store, 'dir')).rejects.toMatchObject({ code: 'StoreKeyConflict' });
    expect(readFileSync(join(bucket, 'a'), 'utf8')).toBe('file');
  });

  test('a bucket has a name that S3 would take', () => {
    for (const name of ['ab', 'UPPER', '-x-', 'a/b', '..', 'x'.repeat(64)]) {
      expect(() => createBucket(tempDir(), name)).toThrow(/bucket name/);
    }
  });

  test('a store that is not installed says so', () => {
    expect(() => openStore({ kind: 's3', root: '/', bucket: 'b' })).toThrow(/no s3 store/);
  });
});
