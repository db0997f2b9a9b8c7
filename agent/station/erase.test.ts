import { cpSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { VolumeKind } from '../../lib/domain/words.ts';
import { tempDir } from '../../lib/testing/temp.ts';
import { withFaults } from '../../lib/testing/torture/fault-fs.ts';
import { Killed, killAt } from '../../lib/testing/torture/kill/kill.ts';
import { makeTree, seeded, snapshot } from '../../lib/testing/trees.ts';
import { volumeWorld } from '../../lib/testing/volume-world.ts';
import { clearedProof, eraseDevice } from '../../lib/transfer/erase/erase.ts';
import { readSeal, sealVolume } from '../../lib/transfer/verify/seal.ts';
import { removeEverywhere } from '../../lib/volume/copies.ts';
import { identityOf, requireSameDevice } from './device-identity.ts';
import { sightOf } from './station.ts';

async function sealedWorld(kind: VolumeKind) {
  const world = await volumeWorld(kind);
  makeTree(world.source, { seed: 33, files: 3, bytesMax: 2000 });
  await world.load();
  const { sealDigest, objects, bytes } = await sealVolume(world);
  return { ...world, known: { sealDigest, objects, bytes } };
}

const sealedDevice = async (kind: VolumeKind) => (await sealedWorld(kind)).deviceDir;

/** It is killed at each of some hundred calls. */
const WITHIN_MS = 240_000;

test.each(['sealed', 'bag'] as const)(
  'an erasure of a %s device that is killed anywhere leaves it its job’s or blank, proved by its seal or by this host’s note, and the next one ends it',
  async (kind) => {
    const { deviceDir: original, label, jobKey, authority, known } = await sealedWorld(kind);
    const proof = { volumeId: label.volumeId, sealDigest: known.sealDigest };
    const caPem = authority.certificatePem;
    const proofAfter = (at: { deviceDir: string; stateDir: string }) => {
      const cleared = clearedProof(at.stateDir);
      if (cleared) return { ...cleared, by: 'note' };
      const { digest } = readSeal({ deviceDir: at.deviceDir, label, jobKey, caPem, known });
      return { volumeId: label.volumeId, sealDigest: digest, by: 'seal' };
    };
    const provedBy = new Set<string>();
    const copied = () => {
      const dir = tempDir();
      const at = { deviceDir: join(dir, 'device'), stateDir: join(dir, 'state') };
      cpSync(original, at.deviceDir, { recursive: true });
      return at;
    };
    const whole = await eraseDevice({ ...copied(), proof });
    const seen = new Set<string>();
    for (let n = 1, wasKilled = true; wasKilled; n += 1) {
      const at = copied();
      const erasing = withFaults(Object.values(at), killAt(n, seeded(n)), () =>
        eraseDevice({ ...at, proof }),
      );
      wasKilled = await erasing.then(
        () => false,
        (error) => error instanceof Killed,
      );
      const { sight } = sightOf(at.deviceDir);
      seen.add(sight);
      expect({ n, sight }).toEqual({ n, sight: expect.stringMatching(/^(labelled|blank)$/) });
      const { by, ...proved } = proofAfter(at);
      expect({ n, ...proved }).toEqual({ n, ...proof });
      provedBy.add(by);
      expect(await eraseDevice({ ...at, proof })).toEqual(whole);
      expect(readdirSync(at.deviceDir)).toEqual([]);
    }
    expect([...seen].sort()).toEqual(['blank', 'labelled']);
    expect([...provedBy].sort()).toEqual(['note', 'seal']);
  },
  WITHIN_MS,
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

test('an erasure ends when the device is exchanged while it runs, and touches nothing of the other one', async () => {
  const { deviceDir, label, known } = await sealedWorld('sealed');
  const other = tempDir();
  cpSync(deviceDir, other, { recursive: true });
  const identity = identityOf(deviceDir);
  let calls = 0;
  const check = () => {
    calls += 1;
    if (calls === 3) {
      renameSync(deviceDir, `${deviceDir}-taken`);
      renameSync(other, deviceDir);
    }
    requireSameDevice(deviceDir, identity);
  };
  const before = snapshot(other);
  const proof = { volumeId: label.volumeId, sealDigest: known.sealDigest };
  const stateDir = tempDir();
  await expect(eraseDevice({ deviceDir, stateDir, proof, check })).rejects.toMatchObject({
    code: 'DeviceSwapped',
  });
  expect(snapshot(deviceDir)).toEqual(before);
  expect(clearedProof(stateDir)).toBeUndefined();
});
