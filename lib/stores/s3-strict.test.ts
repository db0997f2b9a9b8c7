import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { type SeenRequest, strictS3 } from '../testing/servers/strict-s3.ts';
import { newObject, putObject } from '../testing/store-world.ts';
import { tempDir } from '../testing/temp.ts';
import { seededBytes } from '../testing/trees.ts';
import { openStore } from './open.ts';
import { crcText } from './s3/client.ts';
import type { RemotePlace } from './store-spec.ts';

/** What is told to an endpoint, and what one does that compares bytes as AWS does. */

const MIB = 1024 * 1024;
const open = (remote: RemotePlace) => openStore({ kind: 's3', bucket: 'bucket', remote });
const factsOf = (bytes: Buffer) => ({
  crc32: crc32(bytes),
  sha256: createHash('sha256').update(bytes).digest(),
});
const chunksOf = (bytes: Buffer) => [bytes.subarray(0, 17 * MIB), bytes.subarray(17 * MIB)];
const requests = (seen: SeenRequest[], line: RegExp) =>
  seen.filter((request) => line.test(request.line));

test('an endpoint that compares full-object CRC-32 is known for it', async () => {
  const { place, objects } = await strictS3();
  expect(await open(place).check()).toEqual({
    conditionalPut: true,
    crc32: 'verified',
    sha256: false,
    md5: false,
  });
  expect(objects.size).toBe(0);
});

test('bytes that are not those of the source are refused by the endpoint, in one request and in parts', async () => {
  const { place, objects } = await strictS3();
  const store = open(place);
  const bytes = seededBytes(1, 20 * MIB);
  const right = factsOf(bytes);
  for (const size of [1000, bytes.length]) {
    const body = bytes.subarray(0, size);
    const facts = { ...factsOf(body), crc32: (crc32(body) ^ 1) >>> 0 };
    await expect(putObject(store, 'a', [body], facts)).rejects.toMatchObject({
      code: 'ChecksumMismatch',
    });
  }
  expect(objects.size).toBe(0);
  await putObject(store, 'a', chunksOf(bytes), right);
  expect(objects.get('a')?.equals(bytes)).toBe(true);
});

test('class, encryption and checksums are told with every object', async () => {
  const { place, seen } = await strictS3();
  const keyId = 'arn:aws:kms:us-east-1:123456789012:key/k';
  const store = open({
    ...place,
    storageClass: 'DEEP_ARCHIVE',
    encryption: { mode: 'aws:kms', keyId },
  });
  const bytes = seededBytes(2, 20 * MIB);
  const facts = factsOf(bytes);
  const small = bytes.subarray(0, 100);
  await putObject(store, 'small', [small], factsOf(small));
  await putObject(store, 'large', chunksOf(bytes), facts);
  const kept = {
    'x-amz-storage-class': 'DEEP_ARCHIVE',
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': keyId,
  };
  const [one] = requests(seen, /^PUT small/);
  expect(one?.headers).toMatchObject({
    ...kept,
    'x-amz-checksum-crc32': crcText(crc32(small)),
    'x-amz-content-sha256': createHash('sha256').update(small).digest('hex'),
  });
  const [begun] = requests(seen, /^POST large\?uploads/);
  expect(begun?.headers).toMatchObject({ ...kept, 'x-amz-checksum-type': 'FULL_OBJECT' });
  const [ended] = requests(seen, /^POST large\?uploadId/);
  expect(ended?.headers).toMatchObject({
    'x-amz-checksum-crc32': crcText(facts.crc32),
    'x-amz-checksum-type': 'FULL_OBJECT',
  });
  const plain = open({ ...place, encryption: { mode: 'AES256' } });
  await putObject(plain, 'plain', [small]);
  const [own] = requests(seen, /^PUT plain/);
  expect(own?.headers).toMatchObject({ 'x-amz-server-side-encryption': 'AES256' });
  expect(own?.headers['x-amz-storage-class']).toBeUndefined();
});

test('an upload goes on with the parts that the endpoint lists', async () => {
  const { place, seen, objects } = await strictS3();
  const remote = { ...place, uploadsFile: join(tempDir(), 'uploads.jsonl') };
  const bytes = seededBytes(3, 40 * MIB);
  const object = newObject('large', { bytes: bytes.length, ...factsOf(bytes) });
  const writer = await open(remote).put(object);
  await writer.write(bytes.subarray(0, 33 * MIB));
  await writer.suspend?.();
  const before = requests(seen, /^PUT large/).length;
  await putObject(open(remote), 'large', chunksOf(bytes), factsOf(bytes));
  const sent = requests(seen, /^PUT large/).map(({ line }) => /partNumber=(\d+)/.exec(line)?.[1]);
  expect(sent.slice(0, before).sort()).toEqual(['1', '2']);
  expect(sent.slice(before)).toEqual(['3']);
  expect(objects.get('large')?.equals(bytes)).toBe(true);
});
