import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { csvLineFields } from '../domain/report.ts';
import { Crc32, crc32c, crc64nvme, type RunningChecksum } from '../stores/proof/reflected-crc.ts';
import type { RemotePlace, RemoteSpec } from '../stores/store-spec.ts';
import {
  cut,
  etagOfParts,
  type ReadableObject,
  readableS3,
} from '../testing/servers/readable-s3.ts';
import { seededBytes } from '../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../testing/volume-world.ts';
import { writeExportReport } from './report/export-report.ts';
import { listVolume } from './report/list-volume.ts';
import { sealVolume } from './verify/seal.ts';

const ALWAYS = Number.POSITIVE_INFINITY;
const PAUSES = { own: [], volume: [0], hurt: [0, 0], doubtful: [0, 0] };
const MIB = 1024 * 1024;
const BODY = seededBytes(1, 300_000);
const PARTS = [100_000, 100_000, 100_000];
const UNEVEN = [150_000, 50_000, 100_000];

const sha = (name: 'sha1' | 'sha256' | 'md5') => () => createHash(name);
const sumOf = (begin: () => RunningChecksum, bytes: Buffer): Buffer => {
  const sum = begin();
  sum.update(bytes);
  return sum.digest();
};
const base64 = (begin: () => RunningChecksum, bytes = BODY) =>
  sumOf(begin, bytes).toString('base64');
const ofParts = (begin: () => RunningChecksum, parts: number[]) => {
  const sums = Buffer.concat(cut(BODY, parts).map((piece) => sumOf(begin, piece)));
  return `${base64(begin, sums)}-${parts.length}`;
};
const checksum = (name: string, value: string) => ({ [`x-amz-checksum-${name}`]: value });
const crc32 = () => new Crc32();

/** What a store may say of an object, and what then proves its bytes. */
const SAID: [proof: string, object: Omit<ReadableObject, 'body'>][] = [
  ['checksum:crc32', { headers: checksum('crc32', base64(crc32)) }],
  ['checksum:crc32c', { headers: checksum('crc32c', base64(crc32c)) }],
  ['checksum:crc64nvme', { headers: checksum('crc64nvme', base64(crc64nvme)) }],
  ['checksum:sha1', { headers: checksum('sha1', base64(sha('sha1'))) }],
  ['checksum:sha256', { headers: checksum('sha256', base64(sha('sha256'))), etag: '"opaque"' }],
  ['checksum:crc32-parts', { headers: checksum('crc32', ofParts(crc32, PARTS)), parts: PARTS }],
  [
    'checksum:sha256-parts',
    { headers: checksum('sha256', ofParts(sha('sha256'), UNEVEN)), parts: UNEVEN },
  ],
  [
    'checksum:crc32c-parts',
    {
      headers: checksum('crc32c', ofParts(crc32c, [100_000, 150_000, 50_000])),
      parts: [100_000, 150_000, 50_000],
    },
  ],
  [
    'waybill-sha256',
    {
      headers: { 'x-amz-meta-waybill-sha256': sumOf(sha('sha256'), BODY).toString('hex') },
      etag: etagOfParts(cut(BODY, PARTS)),
    },
  ],
  ['etag:md5', {}],
  ['etag:md5-parts', { etag: etagOfParts(cut(BODY, PARTS)), parts: PARTS }],
];

async function exportOf(place: RemotePlace, changes: { readTwice?: boolean } = {}) {
  const world = await volumeWorld();
  const spec: RemoteSpec = { kind: 's3', bucket: 'bucket', remote: place };
  const source = { kind: 'store', spec, prefix: '', ...changes } as const;
  const loaded = await world.load({ source, pausesMs: PAUSES });
  await sealVolume(world);
  const { summary, files } = await report(world);
  const rows = (['success.csv', 'failure.csv'] as const).flatMap((file) => {
    const lines = readFileSync(files[file], 'utf8').trim().split('\r\n');
    const [header = [], ...rest] = lines.map(csvLineFields);
    return rest.map((fields) => Object.fromEntries(header.map((name, i) => [name, fields[i]])));
  });
  return { world, loaded, summary, rows };
}

const report = (world: VolumeWorld) =>
  writeExportReport({
    ...world,
    caPem: world.authority.certificatePem,
    stateDir: join(world.dir, 'report'),
    agentVersion: 'test',
  });

async function contentOf(world: VolumeWorld): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { key, sha256 } of listVolume(world))
    found.set(key.toString(), sha256.toString('hex'));
  return found;
}

const RIGHT = sumOf(sha('sha256'), BODY).toString('hex');

describe.each(SAID)('an object that its store proves by %s', (proof, said) => {
  test('is read again after a wrong bit, and then right', async () => {
    const objects = new Map([['a', { ...said, body: BODY, flips: 1 }]]);
    const { place, gets } = await readableS3(objects);
    const { world, summary, rows } = await exportOf(place);
    expect(summary).toMatchObject({ outcome: 'succeeded', objects: 1 });
    expect(summary.proofs).toEqual({ [proof.split(':')[0] ?? '']: 1 });
    expect(rows).toMatchObject([{ key: 'a', result: 'written', proof }]);
    expect(await contentOf(world)).toEqual(new Map([['a', RIGHT]]));
    expect(gets).toEqual(['a', 'a']);
  });

  test('fails by name when every answer has a wrong bit', async () => {
    const objects = new Map<string, ReadableObject>([
      ['a', { ...said, body: BODY, flips: ALWAYS }],
      ['b', { body: BODY }],
    ]);
    const { place } = await readableS3(objects);
    const { world, summary, rows } = await exportOf(place);
    expect(summary).toMatchObject({ outcome: 'with-errors', objects: 1, failed: 1 });
    expect(rows).toContainEqual(
      expect.objectContaining({ key: 'a', result: 'failed', reason: 'ChecksumMismatch' }),
    );
    expect(await contentOf(world)).toEqual(new Map([['b', RIGHT]]));
  });
});

describe('an object of which the store', () => {
  test('says nothing is counted as not proved, or read twice when that is asked for', async () => {
    const objects = new Map([['a', { body: BODY, etag: '"opaque"' }]]);
    const { place, gets } = await readableS3(objects);
    expect((await exportOf(place)).summary.proofs).toEqual({ none: 1 });
    expect(gets).toHaveLength(1);
    expect((await exportOf(place, { readTwice: true })).summary.proofs).toEqual({
      'read-twice': 1,
    });
    expect(gets).toHaveLength(3);
  });

  test('says nothing and gives other bytes the second time is read again, twice', async () => {
    const objects = new Map([['a', { body: BODY, etag: '"opaque"', flips: 1 }]]);
    const { place } = await readableS3(objects);
    const { world, summary } = await exportOf(place, { readTwice: true });
    expect(summary.proofs).toEqual({ 'read-twice': 1 });
    expect(await contentOf(world)).toEqual(new Map([['a', RIGHT]]));
  });

  test('has an ETag of a key of KMS, or has ETags that are no MD5, is not taken by its ETag', async () => {
    const etag = `"${'0'.repeat(32)}"`;
    const headers = { 'x-amz-server-side-encryption': 'aws:kms' };
    const { place } = await readableS3(new Map([['a', { body: BODY, etag, headers }]]));
    expect((await exportOf(place)).summary.proofs).toEqual({ none: 1 });
    const other = await readableS3(new Map([['a', { body: BODY, etag }]]));
    const opaque = { ...other.place, etags: 'opaque' } as const;
    expect((await exportOf(opaque)).summary.proofs).toEqual({ none: 1 });
    expect((await exportOf(other.place)).summary).toMatchObject({ failed: 1, proofs: {} });
  });

  test('does not tell the parts is proved when they have a usual size, and else read twice', async () => {
    const body = seededBytes(2, 20 * MIB);
    const usual = etagOfParts(cut(body, [8 * MIB, 8 * MIB, 4 * MIB]));
    const odd = etagOfParts(cut(body, [7_700_000, 7_700_000, 20 * MIB - 15_400_000]));
    const objects = new Map([
      ['odd', { body, etag: odd }],
      ['usual', { body, etag: usual }],
    ]);
    const { place, gets } = await readableS3(objects);
    const { summary, rows } = await exportOf(place);
    expect(summary.proofs).toEqual({ etag: 1, 'read-twice': 1 });
    expect(rows).toMatchObject([
      { key: 'odd', proof: 'read-twice' },
      { key: 'usual', proof: 'etag:md5-parts' },
    ]);
    expect(gets).toEqual(['odd', 'odd', 'usual']);
  });

  test('has a note that is older than the bytes is proved by its ETag', async () => {
    const headers = { 'x-amz-meta-waybill-sha256': '0'.repeat(64) };
    const { place } = await readableS3(new Map([['a', { body: BODY, headers }]]));
    expect((await exportOf(place)).summary.proofs).toEqual({ etag: 1 });
  });
});

test('objects of a directory are counted as not proved; empty directories have nothing to prove', async () => {
  const world = await volumeWorld();
  writeFileSync(join(world.bucketDir, 'a'), 'a');
  const spec = { kind: 'directory', root: world.storeRoot, bucket: 'bucket' } as const;
  await world.load({ source: { kind: 'store', spec, prefix: '' } });
  await sealVolume(world);
  expect((await report(world)).summary.proofs).toEqual({ none: 1 });
});
