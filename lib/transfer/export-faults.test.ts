import { createHash } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../stores/open.ts';
import { openS3 } from '../stores/s3/client.ts';
import type { RemotePlace, RemoteSpec } from '../stores/store-spec.ts';
import { type FaultRule, faultProxy } from '../testing/servers/fault-proxy.ts';
import { type ReadableObject, readableS3 } from '../testing/servers/readable-s3.ts';
import { s3Servers } from '../testing/servers/s3-servers.ts';
import { putObject, remoteSpec } from '../testing/store-world.ts';
import { seededBytes } from '../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../testing/volume-world.ts';
import { listVolume } from './report/list-volume.ts';

const MIB = 1024 * 1024;
const PAUSES = { own: [], volume: [0], hurt: [0, 0], doubtful: [0, 0] };

async function proxied(upstream: string, rules: FaultRule[]) {
  const proxy = await faultProxy(upstream, { rules });
  onTestFinished(() => proxy.close());
  return proxy;
}

/** Objects `a` to `e`, behind a proxy with these faults. */
async function fiveObjects(rules: FaultRule[]) {
  const objects = new Map<string, ReadableObject>(
    ['a', 'b', 'c', 'd', 'e'].map((key, i) => [key, { body: seededBytes(i, 70_000) }]),
  );
  const { place } = await readableS3(objects);
  const { endpoint } = await proxied(place.endpoint, rules);
  return { objects, spec: specOf({ ...place, endpoint, attempts: 1 }) };
}

const specOf = (remote: RemotePlace): RemoteSpec => ({ kind: 's3', bucket: 'bucket', remote });

async function exported(spec: RemoteSpec) {
  const world = await volumeWorld();
  const source = { kind: 'store', spec, prefix: '' } as const;
  const result = await world.load({ source, pausesMs: PAUSES });
  return { ...result, content: await contentOf(world) };
}

async function contentOf(world: VolumeWorld): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { key, sha256 } of listVolume(world))
    found[key.toString()] = sha256.toString('hex');
  return found;
}

const sha256 = (body: Buffer) => createHash('sha256').update(body).digest('hex');

describe('of an export', () => {
  test.each<[string, FaultRule['fault'], string]>([
    ['answered with a page', { do: 'html', status: 200 }, 'ObjectUnanswered'],
    ['that a gateway does not find', { do: 'html', status: 502 }, 'ObjectUnanswered'],
    ['refused', { do: 'refuse', status: 403, code: 'AccessDenied' }, 'ObjectRefused'],
    ['whose connection always ends', { do: 'reset-before' }, 'ObjectUnanswered'],
    ['of which other bytes come', { do: 'flip-answer' }, 'ChecksumMismatch'],
  ])('one key %s fails by name, and the others land', async (_, fault, code) => {
    const { spec, objects } = await fiveObjects([{ fault, method: 'GET', path: /\/c(\?|$)/ }]);
    const { content, problems, failed } = await exported(spec);
    expect(failed).toBe(1);
    expect(problems).toMatchObject([{ key: 'c', code }]);
    objects.delete('c');
    const right = [...objects].map(([key, { body }]) => [key, sha256(body)]);
    expect(content).toEqual(Object.fromEntries(right));
  });

  test.each([
    ['says nothing of its length', { bytes: 1 }],
    ['says so', { bytes: 1, lies: true }],
  ])(
    'an answer that is short and %s is the store’s, and no change of the object',
    async (_, short) => {
      const { spec, objects } = await fiveObjects([]);
      Object.assign(objects.get('c') ?? {}, { short });
      const { content, problems, failed } = await exported(spec);
      expect(failed).toBe(1);
      expect(problems).toMatchObject([{ key: 'c', code: 'ObjectUnanswered' }]);
      expect(Object.keys(content)).toEqual(['a', 'b', 'd', 'e']);
    },
  );

  test('an answer that says nothing of its length and is whole is taken', async () => {
    const { spec, objects } = await fiveObjects([]);
    Object.assign(objects.get('c') ?? {}, { short: { bytes: 0 } });
    const { content, failed } = await exported(spec);
    expect(failed).toBe(0);
    expect(content.c).toBe(sha256(objects.get('c')?.body ?? Buffer.alloc(0)));
  });

  test('one key of which nothing comes fails by name, and the others land', async () => {
    const fault = { do: 'delay', ms: 600_000 } as const;
    const { spec } = await fiveObjects([{ fault, method: 'GET', path: /\/c(\?|$)/ }]);
    const world = await volumeWorld();
    const remote = { ...spec.remote, silenceMs: 2000 };
    const source = { kind: 'store', spec: { ...spec, remote }, prefix: '' } as const;
    const { problems } = await world.load({ source, pausesMs: PAUSES });
    expect(problems).toMatchObject([{ key: 'c', code: 'ObjectUnanswered' }]);
    expect(Object.keys(await contentOf(world))).toEqual(['a', 'b', 'd', 'e']);
  });

  test.each(['GET', 'HEAD'])('a load that is stopped does not wait for %s', async (method) => {
    const fault = { do: 'delay', ms: 600_000 } as const;
    const { spec } = await fiveObjects([{ fault, method, path: /\/c(\?|$)/ }]);
    const world = await volumeWorld();
    const source = { kind: 'store', spec, prefix: '' } as const;
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 1000);
    const loading = world.load({ source, pausesMs: PAUSES, signal: stop.signal });
    await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a key that is listed and not found is named', async () => {
    const fault = { do: 'refuse', status: 404, code: 'NoSuchKey' } as const;
    const { spec } = await fiveObjects([{ fault, path: /\/c(\?|$)/ }]);
    const { problems, failed } = await exported(spec);
    expect(failed).toBe(1);
    expect(problems).toMatchObject([{ key: 'c', code: 'ObjectVanished' }]);
  });

  test('a key that cannot even be looked at fails by name, too', async () => {
    const fault = { do: 'html', status: 502 } as const;
    const { spec } = await fiveObjects([{ fault, path: /\/c(\?|$)/ }]);
    const { content, problems } = await exported(spec);
    expect(problems).toMatchObject([{ key: 'c', code: 'ObjectUnanswered' }]);
    expect(Object.keys(content)).toEqual(['a', 'b', 'd', 'e']);
  });

  test('everything refused is the store’s refusal, and no object’s failure', async () => {
    const fault = { do: 'refuse', status: 403, code: 'AccessDenied' } as const;
    const { spec } = await fiveObjects([{ fault, method: 'GET', path: /\/[a-e](\?|$)/ }]);
    const world = await volumeWorld();
    const source = { kind: 'store', spec, prefix: '' } as const;
    const told: string[] = [];
    const loading = world.load({
      source,
      pausesMs: PAUSES,
      onEvent: (event) => {
        if (event.kind === 'problem') told.push(event.kind);
      },
    });
    await expect(loading).rejects.toMatchObject({
      code: 'StoreRefuses',
      facts: { refusal: 'right' },
    });
    expect(told).toEqual([]);
  });

  test.each<[string, FaultRule['fault']]>([
    ['a connection that ends in the middle', { do: 'reset-in-answer' }],
    ['an answer that is lost', { do: 'lose-answer' }],
    ['a wrong bit', { do: 'flip-answer' }],
  ])('%s, now and then, changes nothing', async (_, fault) => {
    const rules: FaultRule[] = [{ fault, method: 'GET', path: /\/[a-e](\?|$)/, nth: 2, mth: 3 }];
    const { spec, objects } = await fiveObjects(rules);
    const { content, failed } = await exported(spec);
    expect(failed).toBe(0);
    const right = [...objects].map(([key, { body }]) => [key, sha256(body)]);
    expect(content).toEqual(Object.fromEntries(right));
  });
});

describe.each(s3Servers('Swift'))('with $name, wrong bits of', ({ running }) => {
  /** One object that Waybill imported, one that another client put, and one that it put in parts. */
  async function filled(rules: FaultRule[]) {
    const server = running();
    const spec = await remoteSpec(server, 's3');
    const bodies = {
      a: seededBytes(1, 50_000),
      b: seededBytes(2, 60_000),
      c: seededBytes(3, 12 * MIB),
    };
    const store = openStore(spec);
    await putObject(store, 'a', [bodies.a], {
      sha256: createHash('sha256').update(bodies.a).digest(),
    });
    await store.close();
    const { client, sdk } = await openS3(spec.remote);
    const Bucket = spec.bucket;
    await client.send(new sdk.PutObjectCommand({ Bucket, Key: 'b', Body: bodies.b }));
    const at = { Bucket, Key: 'c' };
    const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(at));
    const Parts = [];
    for (const [i, from] of [0, 5 * MIB, 10 * MIB].entries()) {
      const Body = bodies.c.subarray(from, Math.min(from + 5 * MIB, bodies.c.length));
      const part = { ...at, UploadId, PartNumber: i + 1, Body };
      const { ETag } = await client.send(new sdk.UploadPartCommand(part));
      Parts.push({ PartNumber: i + 1, ETag });
    }
    const complete = { ...at, UploadId, MultipartUpload: { Parts } };
    await client.send(new sdk.CompleteMultipartUploadCommand(complete));
    client.destroy();
    const { endpoint } = await proxied(server.endpoint, rules);
    const behind: RemoteSpec = { ...spec, remote: { ...spec.remote, endpoint } };
    return { spec: behind, bodies };
  }

  test.each(['a', 'b', 'c'])(
    'object %s are found: once they are read again, for ever they fail',
    async (key) => {
      const fault = { do: 'flip-answer' } as const;
      const path = new RegExp(`/${key}(\\?|$)`);
      const once = await filled([{ fault, method: 'GET', path, nth: 1, mth: 1 }]);
      const { content, problems } = await exported(once.spec);
      expect(problems).toEqual([]);
      const right = Object.entries(once.bodies).map(([name, body]) => [name, sha256(body)]);
      expect(content).toEqual(Object.fromEntries(right));

      const always = await filled([{ fault, method: 'GET', path }]);
      const result = await exported(always.spec);
      expect(result.problems).toMatchObject([{ key, code: 'ChecksumMismatch' }]);
      expect(result.content).not.toHaveProperty(key);
      expect(Object.keys(result.content)).toHaveLength(2);
    },
  );
});
