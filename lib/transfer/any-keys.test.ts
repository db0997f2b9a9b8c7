import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { KEY_RULES } from '../domain/object-keys.ts';
import { csvLineFields } from '../domain/report.ts';
import { TB } from '../domain/sizes.ts';
import { openStore } from '../stores/open.ts';
import type { RemoteSpec } from '../stores/store.ts';
import { contentUnder, ODD_KEYS } from '../testing/odd-keys.ts';
import { readableS3 } from '../testing/servers/readable-s3.ts';
import { s3Servers } from '../testing/servers/s3-servers.ts';
import { strictS3 } from '../testing/servers/strict-s3.ts';
import { listKeys, putObject, readObject, remoteSpec } from '../testing/store-world.ts';
import { tempDir } from '../testing/temp.ts';
import { volumeWorld } from '../testing/volume-world.ts';
import { readLabel } from '../volume/label.ts';
import { KEY_BYTES_MAX } from '../volume/layout.ts';
import { sealVolume } from './seal.ts';
import { unload } from './unload.ts';
import { verifyVolume } from './verify.ts';

/** The kept volume of the second format, whose keys are those that a store may have and a directory may not. */
function keptVolume() {
  const dir = fileURLToPath(new URL('../volume/vectors/waybill-volume-2', import.meta.url));
  const { jobKey, caPem } = JSON.parse(readFileSync(join(dir, 'vector.json'), 'utf8'));
  const deviceDir = join(tempDir(), 'device');
  cpSync(join(dir, 'device'), deviceDir, { recursive: true });
  return { deviceDir, label: readLabel(deviceDir), jobKey: Buffer.from(jobKey, 'hex'), caPem };
}

const common = { sizeBytes: TB, overwrite: 'never' as const, agentVersion: 'test', workers: 0 };

test('what a directory cannot hold fails by name, and the rest is restored', async () => {
  const root = join(tempDir(), 'tree');
  const { summary, files } = await unload({
    ...keptVolume(),
    ...common,
    target: { kind: 'tree', root },
    stateDir: tempDir(),
    destinationName: root,
  });
  const failed = readFileSync(files['failure.csv'], 'utf8').trim().split('\r\n').slice(1);
  const reasons = Object.fromEntries(
    failed.map((line) => {
      const [key = '', , , , , reason] = csvLineFields(line);
      return [key, reason];
    }),
  );
  expect(reasons).toMatchObject({
    '/a': 'KeyRefused',
    '..': 'KeyRefused',
    'a/../b': 'KeyRefused',
    'a//b': 'KeyRefused',
    '%00': 'KeyRefused',
    'of a later kind': 'ObjectKindUnknown',
  });
  expect(summary.objects + summary.failed).toBe(22);
  expect(readFileSync(join(root, 'old'), 'utf8')).toBe('before 1970');
  const holes = readFileSync(join(root, 'holes'));
  expect(holes.length).toBe(3_000_028);
  expect(holes.subarray(14, -14).every((byte) => byte === 0)).toBe(true);
});

/** A sealed export of all that a bucket holds. */
async function exportOf(spec: RemoteSpec) {
  const world = await volumeWorld('sealed', undefined, 'waybill-volume/2');
  const loaded = await world.load({
    source: { kind: 'store', spec, prefix: '' },
    keyRules: { ...KEY_RULES.s3, keyBytesMax: KEY_BYTES_MAX, form: 'bytes' },
  });
  expect(loaded).toMatchObject({ failed: 0, skipped: 0, objects: ODD_KEYS.length, problems: [] });
  expect(await verifyVolume({ ...world, full: true, workers: 0 })).toMatchObject({ damaged: 0 });
  await sealVolume(world);
  return world;
}

describe('every key that a store may have', () => {
  test('is exported, verified, and restored to another store', async () => {
    const objects = new Map(ODD_KEYS.map((key) => [key, { body: contentUnder(key) }]));
    const { place } = await readableS3(objects);
    const world = await exportOf({ kind: 's3', bucket: 'bucket', remote: place });
    const other = await strictS3();
    const spec = { kind: 's3', bucket: 'other', remote: other.place } as const;
    const { summary } = await world.unload({ target: { kind: 'store', spec, prefix: '' } });
    expect(summary).toMatchObject({ failed: 0, objects: ODD_KEYS.length });
    for (const key of ODD_KEYS)
      expect(other.objects.get(key)?.toString(), key).toBe(contentUnder(key).toString());
    expect(other.objects.size).toBe(ODD_KEYS.length);
  });

  describe.each(s3Servers('Swift'))('of $name', ({ running }) => {
    test('goes there and back', async () => {
      const from = await remoteSpec(running(), 's3');
      const source = openStore(from);
      for (const key of ODD_KEYS) await putObject(source, key, [contentUnder(key)]);
      await source.close();
      const world = await exportOf(from);
      const spec = await remoteSpec(running(), 's3');
      const { summary } = await world.unload({ target: { kind: 'store', spec, prefix: '' } });
      expect(summary).toMatchObject({ failed: 0, objects: ODD_KEYS.length });
      const store = openStore(spec);
      const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(await listKeys(store)).toEqual([...ODD_KEYS].sort(byBytes));
      for (const key of ODD_KEYS)
        expect((await readObject(store, key)).equals(contentUnder(key)), key).toBe(true);
      await store.close();
    });
  });
});
