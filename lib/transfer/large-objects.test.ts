import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTree, seededBytes, snapshot } from '../testing/trees.ts';
import { volumeWorld } from '../testing/volume-world.ts';
import { sealVolume } from './verify/seal.ts';
import { verifyVolume } from './verify/verify.ts';

/** Large objects have a thread beside them for their checksums; small ones share frames with them. */
test.each(['sealed', 'bag'] as const)(
  'large and small objects go through threads into a %s volume and out of it',
  async (kind) => {
    const world = await volumeWorld(kind);
    makeTree(world.source, { seed: 31, files: 40, bytesMax: 300_000 });
    for (const [i, bytes] of [9_000_001, 8 * 1024 * 1024, 23_456_789].entries()) {
      mkdirSync(join(world.source, 'd2'), { recursive: true });
      writeFileSync(join(world.source, `d2/large-${i}`), seededBytes(i, bytes));
    }
    const workers = 1;
    expect(await world.load({ workers })).toMatchObject({ objects: 43, failed: 0 });
    expect(await verifyVolume({ ...world, workers, full: true })).toMatchObject({ damaged: 0 });
    await sealVolume(world);
    const { summary } = await world.unload({ workers });
    expect(summary).toMatchObject({ outcome: 'succeeded', objects: 43 });
    expect(snapshot(world.bucketDir)).toEqual(snapshot(world.source));
  },
);
