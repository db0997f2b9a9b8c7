import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type VolumeWorld, volumeWorld } from '../../testing/volume-world.ts';
import { readSeal, reopenVolume, sealVolume } from './seal.ts';
import { verifyVolume } from './verify.ts';

test('a seal is later than the one it replaces also where the clock was set back meanwhile', async () => {
  onTestFinished(() => void vi.useRealTimers());
  const world = await volumeWorld();
  writeFileSync(join(world.source, 'a'), 'a');
  await world.load();
  const on = (path: string) => join(world.deviceDir, path);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  const first = await sealVolume(world);
  vi.useRealTimers();
  cpSync(world.deviceDir, join(world.dir, 'clone'), { recursive: true });
  for (const file of ['seal.bin', 'seal.cms']) cpSync(on(`waybill/${file}`), join(world.dir, file));
  await reopenVolume(world);
  expect(existsSync(on('waybill/reopened.json'))).toBe(true);
  await world.load();
  const second = await sealVolume(world);
  expect(Date.parse(second.sealedAt)).toBeGreaterThan(Date.parse(first.sealedAt));
  expect(existsSync(on('waybill/reopened.json'))).toBe(false);
  const knownStates = [second, first].map(({ sealDigest, sealedAt }) => ({
    by: 'this host',
    sealDigest,
    sealedAt,
  }));
  const verify = (of: VolumeWorld) =>
    verifyVolume({ ...of, caPem: world.authority.certificatePem, workers: 0, knownStates });
  expect(await verify(world)).toMatchObject({ intact: true });
  const clone = { ...world, deviceDir: join(world.dir, 'clone') };
  expect(await verify(clone)).toMatchObject({ sealState: 'superseded' });
  // Both seals lie on the device, of the same pages: the last one counts.
  for (const file of ['seal.bin', 'seal.cms'])
    cpSync(join(world.dir, file), on(`waybill/copy-1/${file}`));
  const { digest } = readSeal({ ...world, caPem: world.authority.certificatePem });
  expect(digest).toBe(second.sealDigest);
});
