import { expect, onTestFinished, test } from 'vitest';
import { Stopped } from '../domain/stopped.ts';
import { faultProxy, type ProxiedRequest } from '../testing/servers/fault-proxy.ts';
import { strictS3 } from '../testing/servers/strict-s3.ts';
import { newObject, putObject } from '../testing/store-world.ts';
import { tryRights } from './access-check/check-access.ts';
import { requireStoreFor } from './access-check/job-access.ts';
import { openStore } from './open.ts';
import { sumOfRange } from './range/export-parts.ts';
import type { Store } from './store.ts';
import type { RemoteSpec } from './store-spec.ts';

/** Stores behind endpoints that take a request and never answer it. */

const MIB = 1024 * 1024;
const KEY = Buffer.from('key');

async function silent(silenceMs: number): Promise<{ spec: RemoteSpec; seen: ProxiedRequest[] }> {
  const { place } = await strictS3();
  const proxy = await faultProxy(place.endpoint, { rules: [{ fault: { do: 'silence' } }] });
  onTestFinished(() => proxy.close());
  const capabilities = {
    conditionalPut: true,
    crc32: 'verified',
    sha256: true,
    md5: true,
  } as const;
  const remote = { ...place, endpoint: proxy.endpoint, silenceMs, hurry: true, capabilities };
  return {
    spec: { kind: 's3', bucket: 'bucket', remote },
    seen: proxy.seen,
  };
}

const without = ({ remote, ...spec }: RemoteSpec): RemoteSpec => ({
  ...spec,
  remote: { ...remote, capabilities: undefined },
});

async function inStore(
  spec: RemoteSpec,
  signal: AbortSignal | undefined,
  work: (store: Store) => unknown,
): Promise<void> {
  const store = openStore(spec, signal);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

type Asking = (spec: RemoteSpec, signal?: AbortSignal) => Promise<unknown>;
const ASKINGS: [string, Asking][] = [
  ['check', (spec, signal) => inStore(without(spec), signal, (store) => store.check())],
  ['probe', (spec, signal) => inStore(spec, signal, (store) => store.probe(KEY, 1))],
  [
    'probe in parts',
    (spec, signal) => inStore(spec, signal, (store) => store.probe(KEY, 1, 'parts')),
  ],
  ['stat', (spec, signal) => inStore(spec, signal, (store) => store.stat(KEY))],
  ['open', (spec, signal) => inStore(spec, signal, (store) => store.open(KEY, 'first'))],
  ['holds', (spec, signal) => inStore(spec, signal, (store) => store.holds?.(newObject(KEY)))],
  ['expect', (spec, signal) => inStore(spec, signal, (store) => store.expect?.([KEY]))],
  ['put', (spec, signal) => inStore(spec, signal, (store) => putObject(store, 'key', 'bytes'))],
  [
    'put in parts',
    (spec, signal) =>
      inStore(spec, signal, (store) => putObject(store, 'key', [Buffer.alloc(17 * MIB)])),
  ],
  [
    'list',
    (spec, signal) =>
      inStore(spec, signal, async (store) => {
        for await (const _ of store.list({ prefix: '' })) return;
      }),
  ],
  ['the trial of rights', (spec, signal) => tryRights(spec, signal)],
  [
    'the look before an import',
    (spec, signal) => requireStoreFor('import', { spec, prefix: '' }, signal),
  ],
  [
    'the look before an export',
    (spec, signal) => requireStoreFor('export', { spec, prefix: '' }, signal),
  ],
  [
    'the sum of a range',
    (spec, signal) =>
      sumOfRange(spec, { range: { prefix: '' }, deviceBytes: 1 }, new Date(0), signal),
  ],
];

test.each(ASKINGS)('%s ends by itself when nothing comes', async (_, ask) => {
  const { spec } = await silent(100);
  await expect(ask(spec)).rejects.toMatchObject({
    code: expect.stringMatching(/^(StoreUnavailable|StoreOutOfReach)$/),
  });
});

test.each(ASKINGS)('%s ends with a stop while nothing comes', async (_, ask) => {
  const { spec, seen } = await silent(24 * 3600 * 1000);
  const stop = new AbortController();
  const timer = setInterval(() => {
    if (seen.length > 0) stop.abort();
  }, 10);
  await expect(ask(spec, stop.signal)).rejects.toBeInstanceOf(Stopped);
  clearInterval(timer);
});

test('a silent request is sent once: who asked knows whether to ask again', async () => {
  const { spec, seen } = await silent(100);
  await expect(inStore(spec, undefined, (store) => store.stat(KEY))).rejects.toMatchObject({
    code: 'StoreUnavailable',
    facts: { refusal: 'unreachable', detail: 'no answer in time' },
  });
  expect(seen).toHaveLength(1);
});

test('nothing is sent after a stop', async () => {
  const { spec, seen } = await silent(100);
  const work = inStore(spec, AbortSignal.abort(), (store) => store.stat(KEY));
  await expect(work).rejects.toBeInstanceOf(Stopped);
  expect(seen).toEqual([]);
});
