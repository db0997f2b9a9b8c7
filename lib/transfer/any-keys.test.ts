import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyOfPath } from '../domain/key-map.ts';
import { KEY_RULES } from '../domain/object-keys.ts';
import { csvLineFields, parsePrintableKey } from '../domain/report.ts';
import { TB } from '../domain/sizes.ts';
import { openStore } from '../stores/open.ts';
import type { RemoteSpec } from '../stores/store-spec.ts';
import { contentUnder, ODD_KEYS } from '../testing/odd-keys.ts';
import { readableS3 } from '../testing/servers/readable-s3.ts';
import { s3Servers } from '../testing/servers/s3-servers.ts';
import { strictS3 } from '../testing/servers/strict-s3.ts';
import { listKeys, putObject, readObject, remoteSpec } from '../testing/store-world.ts';
import { tempDir } from '../testing/temp.ts';
import { volumeOf } from '../testing/volume-of.ts';
import { volumeWorld } from '../testing/volume-world.ts';
import { readLabel } from '../volume/label.ts';
import { KEY_BYTES_MAX } from '../volume/layout.ts';
import { unload } from './unload/unload.ts';
import { sealVolume } from './verify/seal.ts';
import { verifyVolume } from './verify/verify.ts';

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
  const { summary, files, unnamable } = await unload({
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
  expect(failed.join()).toContain('restore --map has a name for it');
  expect(unnamable).toBe(12);
  expect(summary.objects + summary.failed).toBe(22);
  expect(readFileSync(join(root, 'old'), 'utf8')).toBe('before 1970');
  const holes = readFileSync(join(root, 'holes'));
  expect(holes.length).toBe(3_000_028);
  expect(holes.subarray(14, -14).every((byte) => byte === 0)).toBe(true);
});

/** What a tree holds, by the keys that its names stand for; the list of names is no object. */
function keysIn(root: string, under = ''): Map<string, string> {
  const found = new Map<string, string>();
  const entries = readdirSync(join(root, under), { withFileTypes: true, encoding: 'buffer' });
  for (const entry of entries) {
    const path = under + entry.name.toString();
    if (path.startsWith('.waybill-keymap-')) continue;
    if (!entry.isDirectory()) {
      const key = keyOfPath(Buffer.from(path)).toString('latin1');
      found.set(key, readFileSync(join(root, path), 'utf8'));
      continue;
    }
    const inside = keysIn(root, `${path}/`);
    if (inside.size === 0) found.set(keyOfPath(Buffer.from(`${path}/`)).toString('latin1'), '');
    for (const [key, content] of inside) found.set(key, content);
  }
  return found;
}

const someKey = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 60 }).map((key) => Buffer.from(key).toString('latin1')),
  fc
    .array(fc.constantFrom('/', '.', '%', '_', '=', '+', 'a', 'b', '\0', '/'), {
      minLength: 1,
      maxLength: 6,
    })
    .map((parts) => parts.join('')),
  fc.constantFrom(...ODD_KEYS).map((key) => Buffer.from(key).toString('latin1')),
);

test('keys of any bytes come back out of a tree with a map', async () => {
  const keys = fc.uniqueArray(someKey, { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(keys, fc.nat(2), async (all, empty) => {
      const objects = new Map(
        all.map((key, i) => [
          key,
          key.endsWith('/') && i % 3 === empty ? '' : `${i} ${key.length}`,
        ]),
      );
      const world = await volumeOf(objects);
      const whole = await verifyVolume({ ...world, full: true, workers: 0 });
      expect(whole).toMatchObject({ damaged: 0, objects: objects.size });
      const root = join(world.dir, 'tree');
      const { summary, mapped } = await world.unload({ target: { kind: 'tree', root, map: true } });
      expect(summary).toMatchObject({ failed: 0, objects: objects.size });
      // A folder in which other objects lie needs no object of its own to be there.
      const isImplied = (key: string) =>
        objects.get(key) === '' &&
        key.endsWith('/') &&
        all.some((other) => other !== key && other.startsWith(key));
      const wanted = [...objects].filter(([key]) => !isImplied(key));
      expect([...keysIn(root)].sort()).toEqual(wanted.sort());
      const list = mapped?.objects ? readFileSync(mapped.path, 'utf8').trim().split('\n') : [];
      for (const line of list) {
        const { path, key, keyBase64 } = JSON.parse(line);
        expect(keyOfPath(Buffer.from(path)).toString('base64')).toBe(keyBase64);
        expect(parsePrintableKey(key)?.toString('base64')).toBe(keyBase64);
      }
      expect(list).toHaveLength(mapped?.objects ?? -1);
    }),
    { numRuns: 15 },
  );
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

test('a device that was labelled for the first format gets the keys that this has a place for', async () => {
  const objects = new Map(ODD_KEYS.map((key) => [key, { body: contentUnder(key) }]));
  const { place } = await readableS3(objects);
  const world = await volumeWorld();
  const loaded = await world.load({
    source: { kind: 'store', spec: { kind: 's3', bucket: 'bucket', remote: place }, prefix: '' },
    keyRules: { ...KEY_RULES.s3, keyBytesMax: KEY_BYTES_MAX, form: 'bytes' },
  });
  expect(loaded.problems.every(({ code }) => code === 'KeyRefused')).toBe(true);
  expect(loaded.problems.map(({ key }) => key)).toContain('a/../b');
  expect(loaded.objects + loaded.failed).toBe(ODD_KEYS.length);
  const whole = await verifyVolume({ ...world, full: true, workers: 0 });
  expect(whole).toMatchObject({ damaged: 0, objects: loaded.objects });
});

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
