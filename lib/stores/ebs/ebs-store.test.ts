import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { putObject, readObject, storeWorld } from '../../testing/store-world.ts';
import { seededBytes } from '../../testing/trees.ts';

const BLOCK = 524_288;
const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

function onlySnapshot(bucketDir: string) {
  const [id = ''] = readdirSync(join(bucketDir, 'snapshots'));
  const dir = join(bucketDir, 'snapshots', id);
  return { id, dir, facts: JSON.parse(readFileSync(join(dir, 'snapshot.json'), 'utf8')) };
}

/** An image of 40 blocks and 1,000 bytes with data in blocks 3, 4 and 39 (the last byte), 20, and the last, a partial one. */
function sparseImage(): Buffer {
  const image = Buffer.alloc(40 * BLOCK + 1000);
  seededBytes(1, BLOCK).copy(image, 3 * BLOCK);
  image[5 * BLOCK - 1] = 7;
  image[40 * BLOCK - 1] = 7;
  seededBytes(2, BLOCK).copy(image, 20 * BLOCK);
  seededBytes(3, 1000).copy(image, 40 * BLOCK);
  return image;
}

describe('a snapshot', () => {
  test.each([1_048_576, 524_288, 65_536, 700_001])(
    'of a sparse image, in writes of %i bytes, keeps holes and tells the checksums of the rest',
    async (size) => {
      const { store, bucketDir } = storeWorld('ebs');
      const image = sparseImage();
      const chunks = [];
      for (let at = 0; at < image.length; at += size) chunks.push(image.subarray(at, at + size));
      await putObject(store, 'disks/root.img', chunks, { mtimeNs: 5n });
      await store.flush();
      const { id, dir, facts } = onlySnapshot(bucketDir);
      expect(id).toMatch(/^snap-[0-9a-f]{17}$/);
      const onDisk = statSync(join(dir, 'image.raw'));
      expect(onDisk.size).toBe(image.length);
      expect(onDisk.blocks * 512).toBeLessThan(6 * BLOCK);
      expect(image.equals(await readObject(store, 'disks/root.img'))).toBe(true);

      const digests = [3, 4, 20, 39, 40].map((index) => {
        const block = Buffer.alloc(BLOCK);
        image.copy(block, 0, index * BLOCK, (index + 1) * BLOCK);
        return { index, digest: sha256(block) };
      });
      expect(readFileSync(join(dir, 'blocks.sha256'), 'utf8')).toBe(
        digests.map(({ index, digest }) => `${index} ${digest.toString('base64')}\n`).join(''),
      );
      expect(facts).toMatchObject({
        snapshotId: id,
        key: 'disks/root.img',
        bytes: image.length,
        volumeSizeGiB: 1,
        changedBlocksCount: 5,
        blockBytes: BLOCK,
        mtimeNs: '5',
        mode: 0o644,
        checksumAlgorithm: 'SHA256',
        checksumAggregationMethod: 'LINEAR',
        checksum: sha256(...digests.map(({ digest }) => digest)).toString('base64'),
      });
    },
  );

  test('of more than a GiB of zeros is a volume of 2 GiB that takes no room', async () => {
    const { store, bucketDir } = storeWorld('ebs');
    const zeros = Buffer.alloc(32 * BLOCK);
    await putObject(store, 'z', [...Array.from({ length: 64 }, () => zeros), Buffer.alloc(1)]);
    const { dir, facts } = onlySnapshot(bucketDir);
    expect(facts).toMatchObject({ bytes: 1024 ** 3 + 1, volumeSizeGiB: 2, changedBlocksCount: 0 });
    expect(facts.checksum).toBe(sha256().toString('base64'));
    expect(statSync(join(dir, 'image.raw')).blocks).toBe(0);
  });

  test('of an empty image is a volume of 1 GiB, the smallest', async () => {
    const { store, bucketDir } = storeWorld('ebs');
    await putObject(store, 'empty', '');
    expect(onlySnapshot(bucketDir).facts).toMatchObject({ bytes: 0, volumeSizeGiB: 1 });
  });

  test('cannot be made from a directory', async () => {
    const { store, bucketDir } = storeWorld('ebs');
    await expect(putObject(store, 'dir/', '')).rejects.toThrow(/made from an image file/);
    expect(readdirSync(bucketDir)).toEqual([]);
  });

  test('that no line names is removed by the check when it is old', async () => {
    const { store, bucketDir, reopen } = storeWorld('ebs');
    await putObject(store, 'lost');
    const { dir } = onlySnapshot(bucketDir);
    await reopen().check();
    expect(existsSync(dir)).toBe(true);
    utimesSync(dir, 1, 1);
    await reopen().check();
    expect(existsSync(dir)).toBe(false);
  });
});
