import assert from 'node:assert/strict';
import { isWaybillError } from '../../../domain/errors.ts';
import { volumeWorld } from '../../volume-world.ts';
import type { Scenario } from '../scenario.ts';
import { rounds } from '../story.ts';
import { mutate } from './mutate.ts';
import { deviceTargets, keyTargets, signedTargets, type Target } from './targets.ts';

/** Inputs for each parser in a round; signing takes milliseconds, so there are fewer of what is signed. */
const INPUTS = 40;
const SIGNED_INPUTS = 2;
/** Memory that a parser may take for one input, which is never larger than a few MiB. Bytes. */
const MEMORY_MAX = 64 * 1024 * 1024;

export const parsers: Scenario = {
  name: 'parsers',
  about:
    'everything that reads what comes from outside is given bytes that were valid once: it answers or refuses with a typed error, in bounded memory',
  factor: 10,
  async run({ seed, rounds: count }) {
    const totals = { inputs: 0, accepted: 0, refused: 0 };
    let keyed: Target[] | undefined;
    await rounds({ seed, rounds: count, name: 'parsers' }, async ({ random, dir }) => {
      const world = await volumeWorld('sealed', `${dir}/world`);
      const payload = {
        format: 'waybill-manifest/1',
        jobId: 'J',
        jobName: 'j',
        type: 'import',
        option: 'disk',
        deviceId: 'D',
        volumeId: world.label.volumeId,
        volumeKind: 'sealed',
        sizeBytes: 10,
        store: { kind: 'directory', bucket: 'b', prefix: '' },
        storeRules: { keyBytesMax: 1024, objectBytesMax: 10 },
        processing: null,
        consoleUrl: null,
        caCertificatePem: world.authority.certificatePem,
        issuedAt: '2026-01-01T00:00:00Z',
        expiresAt: '2126-01-01T00:00:00Z',
      };
      keyed ??= keyTargets(world);
      for (const target of [...deviceTargets(dir, world.label), ...keyed])
        for (let i = 0; i < INPUTS; i += 1) tryOne(target, random, totals);
      for (const target of signedTargets({ ...world, payload }))
        for (let i = 0; i < SIGNED_INPUTS; i += 1) tryOne(target, random, totals);
    });
    return totals;
  },
};

function tryOne(
  target: Target,
  random: () => number,
  totals: { inputs: number; accepted: number; refused: number },
): void {
  const sample = () =>
    target.samples[Math.floor(random() * target.samples.length)] ?? Buffer.alloc(1);
  const mutated = mutate(sample(), sample(), random);
  const bytes = target.mend && random() < 0.8 ? target.mend(mutated) : mutated;
  totals.inputs += 1;
  const before = memory();
  try {
    target.parse(bytes);
    totals.accepted += 1;
  } catch (error) {
    const input = bytes.toString('base64').slice(0, 4000);
    assert(isWaybillError(error), `${target.name} of ${input}: ${(error as Error)?.stack}`);
    totals.refused += 1;
  }
  assert(memory() - before < MEMORY_MAX, `${target.name} takes little memory`);
}

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
