import { describe, expect, test } from 'vitest';
import type { RemoteSpec } from '../stores/store-spec.ts';
import { importing, NAMES, NO_PAUSES } from '../testing/proxied-import.ts';
import { type FaultProxy, type FaultRule, faultProxy } from '../testing/servers/fault-proxy.ts';
import { type ReadableObject, readableS3 } from '../testing/servers/readable-s3.ts';
import { seededBytes } from '../testing/trees.ts';
import { volumeWorld } from '../testing/volume-world.ts';
import { listVolume } from './report/list-volume.ts';

/** Stores that take a request and never answer it. */

const MIB = 1024 * 1024;
const IN_PARTS = 17 * MIB;
/** Nothing but a stop ends what is silent. */
const FOR_EVER = 24 * 3600 * 1000;
const SILENCE = { do: 'silence' } as const;

/** A signal that aborts when a request has met a silence. */
function stopAtSilence(proxy: FaultProxy): AbortSignal {
  const stop = new AbortController();
  const timer = setInterval(() => {
    if (!proxy.seen.some(({ fault }) => fault !== undefined && fault !== 'refuse')) return;
    clearInterval(timer);
    stop.abort();
  }, 20);
  return stop.signal;
}

const IN_B = /^\/bucket\/in\/b(\?|$)/;

describe('an import', () => {
  test.each<[string, FaultRule['fault']]>([
    ['never answered', SILENCE],
    ['never even taken', { do: 'deaf' }],
  ])('whose one key is %s: it fails by name, the others land', async (_, fault) => {
    const run = await importing([{ fault, path: IN_B }], { silenceMs: 2000 });
    const { summary } = await run.run();
    expect(summary).toMatchObject({ failed: 1, objects: NAMES.length - 1 });
    expect(run.log('failure.csv')).toEqual([
      expect.stringMatching(/^in\/b,.*,failed,ObjectUnanswered,.*,3$/),
    ]);
  });

  test('waits longer for a store that puts an object together', async () => {
    const fault = { do: 'delay', ms: 5000 } as const;
    const run = await importing([{ fault, method: 'POST', path: /\/in\/large\?uploadId/ }], {
      large: IN_PARTS,
      silenceMs: 2000,
    });
    expect((await run.run()).summary).toMatchObject({ failed: 0, outcome: 'succeeded' });
    const ends = run.proxy.seen.filter(({ fault: met }) => met === 'delay');
    expect(ends).toHaveLength(1);
  });

  test.each<[string, FaultRule]>([
    ['the listing of its check', { fault: SILENCE, method: 'GET', path: /list-type=2/ }],
    ['the writing of its check', { fault: SILENCE, method: 'PUT', path: /\.waybill-tmp/ }],
    ['a look at what is there', { fault: SILENCE, method: 'GET', path: /list-type=2/, nth: 2 }],
    ['an object', { fault: SILENCE, method: 'PUT', path: IN_B }],
    ['an object’s body', { fault: { do: 'deaf' }, method: 'PUT', path: /\/in\/large/ }],
    ['the begin of an upload', { fault: SILENCE, method: 'POST', path: /\/in\/large\?.*uploads/ }],
    ['a part', { fault: SILENCE, method: 'PUT', path: /\/in\/large\?.*partNumber=2/ }],
    ['the end of an upload', { fault: SILENCE, method: 'POST', path: /\/in\/large\?uploadId/ }],
    ['the looking back', { fault: SILENCE, method: 'GET', path: IN_B }],
    ['a probe', { fault: SILENCE, method: 'PUT', path: /\/in\/\.waybill-/ }],
  ])('that is stopped does not wait for %s, and nothing has failed', async (what, rule) => {
    const isLarge = rule.path?.source.includes('large') === true;
    const isBlind = what === 'the looking back';
    const refusing = { do: 'refuse', status: 403, code: 'AccessDenied' } as const;
    // A probe is only sent when an object was refused.
    const first =
      what === 'a probe' ? [{ fault: refusing, method: 'PUT', path: IN_B, mth: 1 }] : [];
    const run = await importing([rule, ...first], {
      blind: isBlind,
      large: isLarge ? IN_PARTS : 0,
      silenceMs: FOR_EVER,
    });
    const importingNow = run.run({ signal: stopAtSilence(run.proxy) });
    await expect(importingNow).rejects.toMatchObject({ name: 'AbortError' });
    run.proxy.rules = [];
    const { summary } = await run.run();
    expect(summary).toMatchObject({
      failed: 0,
      objects: NAMES.length + (isLarge ? 1 : 0),
      outcome: 'succeeded',
    });
    expect(run.log('failure.csv')).toEqual([]);
  });

  test('in threads is stopped, too', async () => {
    const run = await importing([{ fault: SILENCE, method: 'PUT', path: IN_B }], {
      silenceMs: FOR_EVER,
    });
    const importingNow = run.run({ signal: stopAtSilence(run.proxy), workers: 2 });
    await expect(importingNow).rejects.toMatchObject({ name: 'AbortError' });
    run.proxy.rules = [];
    expect((await run.run()).summary).toMatchObject({ failed: 0, outcome: 'succeeded' });
  });
});

const KEYS = ['a', 'b', 'c', 'd', 'e'];

/** Objects of a store to export, `c` of so many bytes. */
async function exporting(rules: FaultRule[], bytesOfC: number, silenceMs: number) {
  const objects = new Map<string, ReadableObject>(
    KEYS.map((key, i) => [key, { body: seededBytes(i, key === 'c' ? bytesOfC : 70_000) }]),
  );
  const { place } = await readableS3(objects);
  const proxy = await faultProxy(place.endpoint, { rules });
  const remote = { ...place, endpoint: proxy.endpoint, attempts: 1, silenceMs };
  const spec: RemoteSpec = { kind: 's3', bucket: 'bucket', remote };
  const source = { kind: 'store', spec, prefix: '' } as const;
  const world = await volumeWorld();
  const keys = async () => {
    const found: string[] = [];
    for await (const { key } of listVolume(world)) found.push(key.toString());
    return found;
  };
  return { world, proxy, source, keys };
}

describe('an export', () => {
  const C = /^\/bucket\/c(\?|$)/;
  test.each([
    ['small', 70_000],
    ['large', 3 * MIB],
  ])('has all others of a batch before its %s key that hangs', async (_, bytes) => {
    const rule = { fault: SILENCE, method: 'GET', path: C };
    const { world, proxy, source, keys } = await exporting([rule], bytes, FOR_EVER);
    const stop = new AbortController();
    const loading = world.load({
      source,
      pausesMs: NO_PAUSES,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'progress' && event.phase === 'copy' && event.objects === 4)
          stop.abort();
      },
    });
    await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
    expect((await keys()).sort()).toEqual(['a', 'b', 'd', 'e']);
    proxy.rules = [];
    expect(await world.load({ source })).toMatchObject({ objects: 5, failed: 0 });
    await proxy.close();
  });

  test('tries a key that hung again after the others', async () => {
    const rules = [{ fault: SILENCE, method: 'GET', path: C, mth: 1 }];
    const { world, proxy, source, keys } = await exporting(rules, 70_000, 2000);
    const { problems } = await world.load({ source, pausesMs: NO_PAUSES });
    expect(problems).toEqual([]);
    expect((await keys()).sort()).toEqual(KEYS);
    await proxy.close();
  });

  test('goes on where an answer fell silent', async () => {
    const rules: FaultRule[] = [
      { fault: { do: 'silence-in-answer' }, method: 'GET', path: C, mth: 1 },
    ];
    const { world, proxy, source, keys } = await exporting(rules, 3 * MIB, 2000);
    const { problems } = await world.load({ source, pausesMs: NO_PAUSES });
    expect(problems).toEqual([]);
    expect((await keys()).sort()).toEqual(KEYS);
    expect(proxy.seen.filter(({ method, path }) => method === 'GET' && C.test(path))).toHaveLength(
      2,
    );
    await proxy.close();
  });

  test.each<[string, FaultRule]>([
    ['its listing', { fault: SILENCE, method: 'GET', path: /list-type=2/ }],
    ['a look at an object', { fault: SILENCE, method: 'HEAD', path: C }],
    ['an object', { fault: SILENCE, method: 'GET', path: C }],
    ['the rest of one', { fault: { do: 'silence-in-answer' }, method: 'GET', path: C }],
  ])('that is stopped does not wait for %s', async (_, rule) => {
    const { world, proxy, source, keys } = await exporting([rule], 3 * MIB, FOR_EVER);
    const loading = world.load({ source, pausesMs: NO_PAUSES, signal: stopAtSilence(proxy) });
    await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
    proxy.rules = [];
    expect(await world.load({ source })).toMatchObject({ objects: 5, failed: 0 });
    expect((await keys()).sort()).toEqual(KEYS);
    await proxy.close();
  });
});
