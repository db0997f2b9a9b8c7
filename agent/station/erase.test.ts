import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { VolumeKind } from '../../lib/domain/words.ts';
import { tempDir } from '../../lib/testing/temp.ts';
import { withFaults } from '../../lib/testing/torture/fault-fs.ts';
import { Killed, killAt } from '../../lib/testing/torture/kill.ts';
import { makeTree, seeded } from '../../lib/testing/trees.ts';
import { volumeWorld } from '../../lib/testing/volume-world.ts';
import { eraseDevice } from '../../lib/transfer/erase.ts';
import { sealVolume } from '../../lib/transfer/seal.ts';
import { removeEverywhere } from '../../lib/volume/copies.ts';
import { sightOf } from './station.ts';

async function sealedDevice(kind: VolumeKind): Promise<string> {
  const world = await volumeWorld(kind);
  makeTree(world.source, { seed: 33, files: 3, bytesMax: 2000 });
  await world.load();
  await sealVolume(world);
  return world.deviceDir;
}

test.each(['sealed', 'bag'] as const)(
  'an erasure of a %s device that is killed anywhere leaves it its job’s or blank, and the next one ends it',
  async (kind) => {
    const original = await sealedDevice(kind);
    const copied = () => {
      const dir = tempDir();
      const at = { deviceDir: join(dir, 'device'), stateDir: join(dir, 'state') };
      cpSync(original, at.deviceDir, { recursive: true });
      return at;
    };
    const whole = await eraseDevice(copied());
    const seen = new Set<string>();
    for (let n = 1, wasKilled = true; wasKilled; n += 1) {
      const at = copied();
      const erasing = withFaults(Object.values(at), killAt(n, seeded(n)), () => eraseDevice(at));
      wasKilled = await erasing.then(
        () => false,
        (error) => error instanceof Killed,
      );
      const { sight } = sightOf(at.deviceDir);
      seen.add(sight);
      expect({ n, sight }).toEqual({ n, sight: expect.stringMatching(/^(labelled|blank)$/) });
      expect(await eraseDevice(at)).toEqual(whole);
      expect(readdirSync(at.deviceDir)).toEqual([]);
    }
    expect([...seen].sort()).toEqual(['blank', 'labelled']);
  },
);

describe('a device', () => {
  test('is blank when an agent was killed before it wrote the label', () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'waybill'));
    writeFileSync(join(dir, 'waybill/lock.json'), '{}');
    writeFileSync(join(dir, 'waybill/.tmp-label.json'), '{');
    expect(sightOf(dir).sight).toBe('blank');
  });

  test('is foreign when a volume has lost its label', async () => {
    const dir = await sealedDevice('sealed');
    removeEverywhere(dir, 'label.json');
    expect(sightOf(dir).sight).toBe('foreign');
  });
});
