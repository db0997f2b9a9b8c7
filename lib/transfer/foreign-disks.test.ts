import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canMakeForeign, type ForeignKind, foreignDisk } from '../testing/foreign-disk.ts';
import { volumeWorld } from '../testing/volume-world.ts';
import { writeLabel } from '../volume/label.ts';
import { preflight } from './load/load.ts';
import { sealVolume } from './verify/seal.ts';

/** A bag on a disk whose file system is that of another system, and a source with names that it does not keep. */
async function worldOn(kind: ForeignKind) {
  const world = await volumeWorld('bag');
  const deviceDir = foreignDisk(kind);
  writeLabel(deviceDir, world.label);
  const put = (name: string) => writeFileSync(join(world.source, name), name);
  for (const name of ['a:b?', 'Case', 'case', 'dot.', 'good', '\u6f22'.repeat(60)]) put(name);
  mkdirSync(join(world.source, 'sub'));
  put('sub/fine');
  return { world, deviceDir };
}

test.each<ForeignKind>(
  ['vfat', 'exfat', 'ntfs'].filter((kind) => canMakeForeign(kind as ForeignKind)) as ForeignKind[],
)(
  'names that %s does not keep are left out by name, the rest is copied and sealed',
  async (kind) => {
    const { world, deviceDir } = await worldOn(kind);
    const options = world.loadOptions({ deviceDir });
    const before = readdirSync(deviceDir, { recursive: true });
    const dry = await preflight(options);
    expect(readdirSync(deviceDir, { recursive: true })).toEqual(before);
    const loaded = await world.load({ deviceDir });
    const found = loaded.problems.map(({ key, code }) => [key, code]);
    expect(found).toEqual(dry.problems.map(({ key, code }) => [key, code]));
    expect(found).toContainEqual(['a:b?', 'DeviceNameRefused']);
    expect(found).toContainEqual(['dot.', 'DeviceNameRefused']);
    expect(loaded.objects + loaded.failed).toBe(7);
    await sealVolume({ ...world, deviceDir });
    // A report names what the load left out, and nothing else failed.
    expect((await world.unload({ deviceDir })).summary.failed).toBe(loaded.failed);
  },
);

describe('a bag where every name can be kept', () => {
  test('leaves nothing of the trial on the device', async () => {
    const world = await volumeWorld('bag');
    writeFileSync(join(world.source, 'a:b? '), 'x');
    const before = readdirSync(world.deviceDir, { recursive: true });
    expect(await preflight(world.loadOptions())).toMatchObject({ objects: 1, failed: 0 });
    expect(readdirSync(world.deviceDir, { recursive: true })).toEqual(before);
  });
});
