import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkPlan } from '../domain/processing.ts';
import { openStore } from '../stores/open.ts';
import { openS3 } from '../stores/s3/client.ts';
import type { RemoteSpec } from '../stores/store-spec.ts';
import { s3Servers } from '../testing/servers/s3-servers.ts';
import { listKeys, putObject, readObject, remoteSpec } from '../testing/store-world.ts';
import { makeTree, seededBytes, snapshot } from '../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../testing/volume-world.ts';
import { sealVolume } from './verify/seal.ts';

/** What a bucket holds below a prefix, as `snapshot` tells it of a tree. */
async function contentOf(spec: RemoteSpec, prefix = ''): Promise<Map<string, string>> {
  const store = openStore(spec);
  const found = new Map<string, string>();
  for (const key of await listKeys(store, { prefix })) {
    const hash = createHash('sha256').update(await readObject(store, key));
    found.set(key.slice(prefix.length), key.endsWith('/') ? '' : hash.digest('hex'));
  }
  await store.close();
  return found;
}

function unloadTo(world: VolumeWorld, spec: RemoteSpec, state: string, prefix = '', workers = 0) {
  const target = { kind: 'store', spec, prefix } as const;
  return world.unload({ target, stateDir: join(world.dir, state), workers });
}

describe.each(s3Servers())('with $name', ({ running }) => {
  test('an import puts every object into the bucket, once', async () => {
    const world = await volumeWorld();
    makeTree(world.source, { seed: 3, files: 120, bytesMax: 40_000 });
    writeFileSync(join(world.source, 'large'), seededBytes(4, 37 * 1024 * 1024));
    const { objects } = await world.load();
    await sealVolume(world);
    const spec = await remoteSpec(running(), 's3');
    const first = await unloadTo(world, spec, 'first', 'in/', 2);
    expect(first.summary).toMatchObject({ outcome: 'succeeded', objects, alreadyPresent: 0 });
    expect(first.summary.notes?.[0]).toContain('does not compare full-object CRC-32');
    expect(await contentOf(spec, 'in/')).toEqual(snapshot(world.source));

    const second = await unloadTo(world, spec, 'second', 'in/');
    expect(second.summary).toMatchObject({ outcome: 'succeeded', alreadyPresent: objects });
    const journal = readFileSync(join(world.dir, 'first/unload.journal'), 'utf8');
    expect(journal).not.toContain(running().credentials.secretAccessKey);
  });

  test('what a step compressed is stored with its content encoding and type', async () => {
    const world = await volumeWorld();
    const rows = 'a,b\n1,2\n'.repeat(500);
    writeFileSync(join(world.source, 'small.csv'), rows);
    const steps = [
      { step: 'convert', from: 'csv', to: 'jsonl', types: 'text' },
      { step: 'gzip', match: ['*.jsonl'] },
    ];
    await world.load({ processing: { plan: checkPlan({ steps }), network: false } });
    await sealVolume(world);
    const spec = await remoteSpec(running(), 's3');
    await unloadTo(world, spec, 'encoded');
    const { client, sdk } = await openS3(spec.remote);
    const at = { Bucket: spec.bucket, Key: 'small.jsonl.gz' };
    const { ContentEncoding, ContentType } = await client.send(new sdk.HeadObjectCommand(at));
    client.destroy();
    expect({ ContentEncoding, ContentType }).toEqual({
      ContentEncoding: 'gzip',
      ContentType: 'application/x-ndjson',
    });
  });

  test('what another has put under a key stays, and is named', async () => {
    const world = await volumeWorld();
    for (const name of ['a', 'b', 'c']) writeFileSync(join(world.source, name), `new ${name}`);
    await world.load();
    await sealVolume(world);
    const spec = await remoteSpec(running(), 's3');
    const store = openStore(spec);
    await putObject(store, 'a', 'old a');
    await putObject(store, 'b', 'longer than new');
    const { summary, files } = await unloadTo(world, spec, 'first');
    expect(summary).toMatchObject({ outcome: 'with-errors', objects: 1, failed: 2 });
    expect(readFileSync(files['failure.csv'], 'utf8')).toMatch(/^a,.*ObjectExists/m);
    expect((await readObject(store, 'a')).toString()).toBe('old a');
    const target = { kind: 'store', spec, prefix: '' } as const;
    await world.unload({ target, overwrite: 'if-different', stateDir: join(world.dir, 'again') });
    expect(await contentOf(spec)).toEqual(snapshot(world.source));
    await store.close();
  });

  test('an export brings a key range back to a tree', async () => {
    const spec = await remoteSpec(running(), 's3');
    const store = openStore(spec);
    const mtimeNs = 1_600_000_000_000_000_000n;
    for (let i = 0; i < 40; i += 1)
      await putObject(store, `logs/${i + 10}`, `line ${i}`, { mtimeNs, mode: 0o640 });
    await putObject(store, 'other', 'not this one');
    await store.close();
    const world = await volumeWorld();
    const range = { prefix: 'logs/', begin: 'logs/20', end: 'logs/39' };
    const source = { kind: 'store', spec, ...range } as const;
    expect(await world.load({ source })).toMatchObject({ objects: 20, failed: 0 });
    await sealVolume(world);
    const root = join(world.dir, 'restored');
    await world.unload({ target: { kind: 'tree', root } });
    const wanted = Array.from({ length: 20 }, (_, i) => `logs/${i + 20}`);
    expect([...snapshot(root).keys()].sort()).toEqual(wanted);
    expect(readFileSync(join(root, 'logs/20'), 'utf8')).toBe('line 10');
  });
});
