import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { EBSClient, GetSnapshotBlockCommand, ListSnapshotBlocksCommand } from '@aws-sdk/client-ebs';
import { describe, expect, test } from 'vitest';
import { ebsServer } from '../../testing/servers/ebs-server.ts';
import type { LoopbackServer } from '../../testing/servers/loopback-server.ts';
import { s3Servers } from '../../testing/servers/s3-servers.ts';
import { newObject, putObject } from '../../testing/store-world.ts';
import { tempDir } from '../../testing/temp.ts';
import { seededBytes } from '../../testing/trees.ts';
import { openStore } from '../open.ts';
import type { RemotePlace } from '../store-spec.ts';

const BLOCK = 524_288;
const open = (remote: RemotePlace) => openStore({ kind: 'ebs', bucket: 'disks', remote });

/** An image of 40 blocks and 1,000 bytes with data in blocks 3, 20 and the last, a partial one. */
function sparseImage(): Buffer {
  const image = Buffer.alloc(40 * BLOCK + 1000);
  seededBytes(1, BLOCK).copy(image, 3 * BLOCK);
  seededBytes(2, 10).copy(image, 21 * BLOCK - 10);
  seededBytes(3, 1000).copy(image, 40 * BLOCK);
  return image;
}

const chunksOf = (image: Buffer, size: number): Buffer[] => {
  const chunks: Buffer[] = [];
  for (let at = 0; at < image.length; at += size) chunks.push(image.subarray(at, at + size));
  return chunks;
};

test('an image becomes a snapshot of the blocks that are not all zero', async () => {
  const { place, snapshots } = await ebsServer();
  const keyId = 'arn:aws:kms:us-east-1:123456789012:key/k';
  const store = open({ ...place, encryption: { mode: 'aws:kms', keyId } });
  await store.check();
  const image = sparseImage();
  const sha256 = createHash('sha256').update(image).digest();
  await putObject(store, 'racks/root.img', chunksOf(image, 700_001), { sha256 });
  await store.close();
  const [snapshot] = snapshots.values();
  expect(snapshot?.completed).toBe(true);
  expect([...(snapshot?.blocks.keys() ?? [])].sort((a, b) => a - b)).toEqual([3, 20, 40]);
  const last = Buffer.alloc(BLOCK);
  image.copy(last, 0, 40 * BLOCK);
  expect(snapshot?.blocks.get(40)?.equals(last)).toBe(true);
  expect(snapshot?.request).toMatchObject({
    VolumeSize: 1,
    Encrypted: true,
    KmsKeyArn: keyId,
    Tags: [
      { Key: 'Name', Value: 'racks/root.img' },
      { Key: 'waybill-bucket', Value: 'disks' },
      { Key: 'waybill-sha256', Value: sha256.toString('hex') },
    ],
  });
});

test('an image of zeros is a snapshot without a block, as large as the image', async () => {
  const { place, snapshots } = await ebsServer();
  const store = open(place);
  const zeros = Buffer.alloc(64 * BLOCK);
  await putObject(store, 'z', [...Array.from({ length: 32 }, () => zeros), Buffer.alloc(1)]);
  await store.close();
  const [snapshot] = snapshots.values();
  expect(snapshot).toMatchObject({ completed: true, puts: 0, request: { VolumeSize: 2 } });
});

test('what was interrupted goes on with the same snapshot', async () => {
  const { place, snapshots } = await ebsServer();
  const remote = { ...place, uploadsFile: join(tempDir(), 'uploads.jsonl') };
  const image = sparseImage();
  const sha256 = createHash('sha256').update(image).digest();
  const object = newObject('root.img', { bytes: image.length, sha256 });
  const first = await open(remote).put(object);
  await first.write(image.subarray(0, 30 * BLOCK));
  await first.suspend?.();
  const store = open(remote);
  await putObject(store, 'root.img', chunksOf(image, BLOCK), { sha256 });
  expect([...snapshots.keys()]).toHaveLength(1);
  expect([...snapshots.values()][0]?.completed).toBe(true);
  await putObject(store, 'root.img', chunksOf(image, BLOCK), { sha256 });
  expect([...snapshots.keys()]).toHaveLength(2);
});

test('what EBS refuses is told, and nothing is completed', async () => {
  const { place, snapshots } = await ebsServer(({ url = '' }) =>
    url.includes('/blocks/20') ? { status: 400, name: 'ValidationException' } : undefined,
  );
  const store = open(place);
  await expect(putObject(store, 'a', [sparseImage()])).rejects.toMatchObject({
    code: 'ObjectRefused',
  });
  expect([...snapshots.values()].every(({ completed }) => !completed)).toBe(true);
  await expect(putObject(store, 'dir/', '')).rejects.toMatchObject({ code: 'KeyRefused' });
  const stranger = { ...place, credentials: { accessKeyId: 'NO', secretAccessKey: 'NO' } };
  await expect(open(stranger).check()).rejects.toMatchObject({ code: 'StoreRefuses' });
  expect(() => open(place).list({ prefix: '' })).toThrow(/takes images/);
});

/** What EC2's own API of moto tells of the snapshots with a name. */
async function namedSnapshots({ endpoint, region }: LoopbackServer, name: string): Promise<string> {
  const scope = `Credential=testing/20260101/${region}/ec2/aws4_request`;
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0` },
    body: new URLSearchParams({
      Action: 'DescribeSnapshots',
      Version: '2016-11-15',
      'Filter.1.Name': 'tag:Name',
      'Filter.1.Value.1': name,
    }),
  });
  return answer.text();
}

const placeOf = ({ endpoint, region, credentials }: LoopbackServer): RemotePlace => ({
  endpoint,
  region,
  credentials,
  pathStyle: true,
});

const tagged = (text: string, tag: string): string[] =>
  [...text.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, value = '']) => value);

/** The image that a snapshot is of, put together from the blocks that the direct APIs give back. */
async function imageOf(server: LoopbackServer, SnapshotId: string, bytes: number) {
  const { endpoint, region, credentials } = server;
  const client = new EBSClient({ endpoint, region, credentials });
  const { Blocks = [] } = await client.send(new ListSnapshotBlocksCommand({ SnapshotId }));
  const image = Buffer.alloc(Math.ceil(bytes / BLOCK) * BLOCK);
  const indexes: number[] = [];
  for (const { BlockIndex: found, BlockToken } of Blocks) {
    const BlockIndex = Number(found);
    const get = new GetSnapshotBlockCommand({ SnapshotId, BlockIndex, BlockToken });
    const { BlockData, Checksum, DataLength } = await client.send(get);
    const block = Buffer.from((await BlockData?.transformToByteArray()) ?? []);
    expect(Checksum).toBe(createHash('sha256').update(block).digest('base64'));
    expect(DataLength).toBe(BLOCK);
    block.copy(image, BlockIndex * BLOCK);
    indexes.push(BlockIndex);
  }
  client.destroy();
  return { image, indexes: indexes.sort((a, b) => a - b) };
}

// Moto believes checksums, counts and key pairs, and calls a snapshot that it has not a bug of its own (`check`).
for (const { running } of s3Servers('moto')) {
  describe('against moto', () => {
    test('the blocks of a snapshot are those of its image', async () => {
      const server = running();
      const image = sparseImage();
      const store = open(placeOf(server));
      await putObject(store, 'racks/root.img', chunksOf(image, 700_001));
      await store.close();
      const found = await namedSnapshots(server, 'racks/root.img');
      const [id = '', ...others] = tagged(found, 'snapshotId');
      expect(others).toEqual([]);
      expect(tagged(found, 'volumeSize')).toEqual(['1']);
      expect(tagged(found, 'description')).toEqual(['Imported by Waybill: racks/root.img']);
      const back = await imageOf(server, id, image.length);
      expect(back.indexes).toEqual([3, 20, 40]);
      expect(back.image.subarray(0, image.length).equals(image)).toBe(true);
      expect(back.image.subarray(image.length).every((byte) => byte === 0)).toBe(true);
    });

    test('what was interrupted goes on with the same snapshot', async () => {
      const server = running();
      const image = sparseImage();
      const sha256 = createHash('sha256').update(image).digest();
      const remote = { ...placeOf(server), uploadsFile: join(tempDir(), 'uploads.jsonl') };
      const first = await open(remote).put(newObject('again.img', { bytes: image.length, sha256 }));
      await first.write(image.subarray(0, 30 * BLOCK));
      await first.suspend?.();
      await putObject(open(remote), 'again.img', chunksOf(image, BLOCK), { sha256 });
      const found = tagged(await namedSnapshots(server, 'again.img'), 'snapshotId');
      expect(found).toHaveLength(1);
      const back = await imageOf(server, found[0] ?? '', image.length);
      expect(back.image.subarray(0, image.length).equals(image)).toBe(true);
    });
  });
}
