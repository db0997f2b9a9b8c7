import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { StoreKind } from '../../domain/words.ts';
import { canMount, smallDisk } from '../../testing/small-disk.ts';
import { type FolderWorld, listKeys, putObject, storeWorld } from '../../testing/store-world.ts';
import { tempDir } from '../../testing/temp.ts';
import { requireStoreFor } from '../access-check/job-access.ts';
import { openStore } from '../open.ts';
import { MARKER_FILE, markBucket } from './bucket-marker.ts';

const KINDS: StoreKind[] = ['directory', 'glacier', 'ebs'];
const REFUSED = { code: 'StoreRefuses', facts: { refusal: 'not-mounted' } };

/** A store whose bucket is marked, and how it is reached from now on. */
function marked(kind: StoreKind) {
  const world = storeWorld(kind);
  const spec = { kind, root: world.root, bucket: 'bucket' };
  return { ...world, spec: { ...spec, marker: markBucket(spec) } };
}

/** What is left of a bucket at the place where it was mounted. */
const GONE: [string, (world: FolderWorld) => void][] = [
  ['nothing', () => undefined],
  ['an empty folder', ({ bucketDir }) => mkdirSync(bucketDir)],
  [
    'a folder of another store',
    ({ root, bucketDir }) => {
      mkdirSync(bucketDir);
      markBucket({ kind: 'directory', root, bucket: 'bucket' });
    },
  ],
  [
    'a marker that is none',
    ({ bucketDir }) => {
      mkdirSync(bucketDir);
      writeFileSync(join(bucketDir, MARKER_FILE), '');
    },
  ],
];

describe.each(KINDS)('a %s store whose marker is known', (kind) => {
  test.each(GONE)(
    'is not written to where there is %s in its place, and goes on after',
    async (_, leave) => {
      const { spec, bucketDir, ...world } = marked(kind);
      const before = openStore(spec);
      await putObject(before, 'a');
      await before.flush();
      const away = `${bucketDir}-unmounted`;
      renameSync(bucketDir, away);
      leave({ ...world, bucketDir });
      const left = () => (existsSync(bucketDir) ? readdirSync(bucketDir) : []);
      const found = left();
      const anew = openStore(spec);
      for (const store of [before, anew]) {
        await expect(async () => store.check()).rejects.toMatchObject(REFUSED);
        await expect(async () => store.probe(Buffer.from('a'), 1)).rejects.toMatchObject(REFUSED);
        await expect(putObject(store, 'b')).rejects.toMatchObject(REFUSED);
        await expect(listKeys(store)).rejects.toMatchObject(REFUSED);
      }
      for (const type of ['import', 'export'] as const)
        await expect(requireStoreFor(type, { spec, prefix: '' })).rejects.toMatchObject({
          code: 'StoreOutOfReach',
        });
      expect(left()).toEqual(found);
      // A network file system has other numbers when it is mounted again; a copy has, too.
      if (existsSync(bucketDir)) renameSync(bucketDir, `${bucketDir}-wrong`);
      cpSync(away, bucketDir, { recursive: true });
      for (const store of [before, anew]) {
        await store.check();
        await putObject(store, 'b');
        await store.flush();
        expect(await listKeys(store)).toEqual(['a', 'b']);
        await store.close();
      }
    },
  );

  test('is not written to by what was committed before', async () => {
    const { spec, bucketDir } = marked(kind);
    const store = openStore(spec);
    await putObject(store, 'a');
    renameSync(bucketDir, `${bucketDir}-unmounted`);
    mkdirSync(bucketDir);
    const problems = await Promise.resolve()
      .then(() => store.flush())
      .catch((error: unknown) => [{ error }]);
    expect(problems).toHaveLength(1);
    expect(readdirSync(bucketDir)).toEqual([]);
  });
});

describe('a marker', () => {
  test('is made once, and is no object', async () => {
    const { spec, store } = marked('directory');
    expect(spec.marker).toMatch(/^[0-9a-f-]{36}$/);
    expect(markBucket(spec)).toBe(spec.marker);
    expect(await listKeys(store)).toEqual([]);
    const reserved = { code: 'KeyRefused' };
    await expect(putObject(store, MARKER_FILE)).rejects.toMatchObject(reserved);
    await expect(putObject(store, `${MARKER_FILE}/x`)).rejects.toMatchObject(reserved);
    await putObject(store, `folder/${MARKER_FILE}`);
    expect(await listKeys(store)).toEqual([`folder/${MARKER_FILE}`]);
  });

  test('is not wanted of a directory that is restored into, whose files may have its name', async () => {
    const root = tempDir();
    mkdirSync(join(root, 'tree'));
    const tree = openStore({ kind: 'directory', root, bucket: 'tree', isTree: true });
    await putObject(tree, MARKER_FILE, 'own');
    await tree.close();
    expect(readdirSync(join(root, 'tree'))).toEqual([MARKER_FILE]);
  });

  test.skipIf(!canMount)('is not made where nothing can be written', () => {
    const root = tempDir();
    const { remount } = smallDisk(join(root, 'bucket'), 1);
    remount('ro');
    const spec = { kind: 'directory' as const, root, bucket: 'bucket' };
    expect(markBucket(spec)).toBeUndefined();
    remount('rw');
    expect(markBucket(spec)).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('of a bucket that is not there is not made', () => {
    const spec = { kind: 'directory' as const, root: tempDir(), bucket: 'bucket' };
    expect(() => markBucket(spec)).toThrow(expect.objectContaining({ code: 'BucketNotFound' }));
  });
});
