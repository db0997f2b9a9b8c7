import { expect, test } from 'vitest';
import { WaybillError } from '../domain/errors.ts';
import { checkPlan } from '../domain/processing.ts';
import { runSample } from './sample.ts';
import { once } from './steps/checksums.ts';

test('of an object whose step fails nothing is counted as made', async () => {
  const plan = checkPlan({
    steps: [{ step: 'convert', from: 'csv', to: 'jsonl' }, { step: 'gzip' }],
  });
  const objects = (async function* () {
    for (const [key, text] of [
      ['good.csv', 'a\n1\n'],
      ['bad.csv', 'a\n"1'],
    ] as const)
      yield { key, bytes: text.length, mtimeNs: 0n, body: once(Buffer.from(text)) };
  })();
  const sample = runSample({ plan, network: false }, objects);
  const outcomes: string[] = [];
  for (;;) {
    const { value, done } = await sample.next();
    if (!done) outcomes.push(value.outcome);
    else {
      expect(value).toMatchObject({
        kept: 1,
        inputs: { objects: 2, bytes: 8 },
        outputs: { objects: 1 },
        steps: [
          { objectsIn: 2, objectsOut: 1, bytesOut: 8, failures: 1 },
          { objectsIn: 2, objectsOut: 1, failures: 0 },
        ],
      });
      break;
    }
  }
  expect(outcomes).toEqual(['made', 'failed']);
});

test('what cannot be kept under its name fails by itself', async () => {
  const plan = checkPlan({ steps: [{ step: 'gzip' }] });
  const objects = (async function* () {
    for (const key of ['a', 'refused', 'z'])
      yield { key, bytes: 1, mtimeNs: 0n, body: once(Buffer.from('x')) };
  })();
  const onChunk = (key: string) => {
    if (key.startsWith('refused')) throw new WaybillError('KeyRefused', { detail: 'a test' });
  };
  const told: [string, string, string | undefined][] = [];
  for await (const one of runSample({ plan, network: false, onChunk }, objects))
    told.push([one.key, one.outcome, one.detail]);
  expect(told).toEqual([
    ['a', 'made', undefined],
    ['refused', 'failed', expect.stringContaining('a test')],
    ['z', 'made', undefined],
  ]);
});
