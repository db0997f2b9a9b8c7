import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seededBytes, snapshot } from '../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../testing/volume-world.ts';
import { homesOf } from '../volume/copies.ts';
import { type Label, labelOf } from '../volume/label.ts';
import { writeParity } from './parity/parity.ts';
import { unloadRepaired } from './unload/unload-with-repair.ts';
import { repairVolume } from './verify/repair.ts';
import { sealVolume } from './verify/seal.ts';
import { verifyVolume } from './verify/verify.ts';

const LABELS = homesOf('label.json');
const [OWN = '', COPY_1 = '', COPY_2 = ''] = LABELS;
const MADE_AT = '2026-01-02T03:04:05.000Z';

async function loaded(kind: 'sealed' | 'bag', parity = false): Promise<VolumeWorld> {
  const world = await volumeWorld(kind);
  for (let i = 0; i < 2; i += 1) {
    writeFileSync(join(world.source, `f${i}`), seededBytes(i, 4000));
    await world.load();
  }
  if (parity) await writeParity({ ...world, percent: 100, workers: 0 });
  return world;
}

async function sealed(kind: 'sealed' | 'bag', parity = false): Promise<VolumeWorld> {
  const world = await loaded(kind, parity);
  await sealVolume(world);
  return world;
}

/** What a command that has the manifest opens. */
function opened(world: VolumeWorld) {
  const { deviceDir, jobKey, label: known, authority } = world;
  const label = labelOf(deviceDir, known, MADE_AT);
  return { deviceDir, label, jobKey, caPem: authority.certificatePem, workers: 0 };
}

async function restored(world: VolumeWorld) {
  const target = { kind: 'tree', root: join(world.dir, 'restored') } as const;
  const stateDir = join(world.dir, 'restore-state');
  const options = world.unloadOptions({ ...opened(world), target, stateDir });
  const { summary } = await unloadRepaired(options);
  expect(summary).toMatchObject({ objects: 2, failed: 0 });
  expect(snapshot(target.root)).toEqual(snapshot(world.source));
}

const read = (world: VolumeWorld, path: string) =>
  readFileSync(join(world.deviceDir, path), 'utf8');

function change(world: VolumeWorld, paths: readonly string[], members: Partial<Label>): void {
  for (const path of paths) {
    const label = { ...JSON.parse(read(world, path)), ...members };
    writeFileSync(join(world.deviceDir, path), `${JSON.stringify(label)}\n`);
  }
}

const CHANGES: Partial<Label>[] = [
  { format: 'waybill-volume/2' },
  { option: 'snowball' },
  { createdAt: '2001-02-03T04:05:06.000Z' },
  { kind: 'bag' },
  { deviceId: 'OTHER' },
];

describe('a label that differs from two others', () => {
  test.each(LABELS.flatMap((path) => CHANGES.map((members) => ({ path, members }))))(
    '$path with $members costs nothing, and is the one that is mended',
    async ({ path, members }) => {
      const world = await sealed('sealed');
      const good = read(world, path);
      change(world, [path], members);
      expect(opened(world).label).toEqual(world.label);
      expect(await verifyVolume(opened(world))).toMatchObject({ intact: true });
      await restored(world);
      for (const place of LABELS) expect(read(world, place)).toBe(good);
    },
  );

  test('in a bag gives way to the one whose digest the tag manifest has, also where two agree', async () => {
    const world = await sealed('bag');
    const good = read(world, OWN);
    for (const paths of [[OWN], [COPY_1], [OWN, COPY_1], [COPY_1, COPY_2]]) {
      change(world, paths, { createdAt: '2001-02-03T04:05:06.000Z' });
      const { verified } = await repairVolume(opened(world));
      expect(verified).toMatchObject({ intact: true, remarks: [] });
      for (const place of LABELS) expect(read(world, place)).toBe(good);
    }
  });

  test('and whose format no file of the volume has loses against one that has it', async () => {
    const world = await sealed('sealed');
    change(world, [OWN, COPY_2], { format: 'waybill-volume/2' });
    expect(opened(world).label).toEqual(world.label);
    await restored(world);
  });

  test('counts for nothing before there is a seal either', async () => {
    const world = await loaded('sealed');
    change(world, [OWN], { format: 'waybill-volume/2', option: 'snowball' });
    expect(opened(world).label).toEqual(world.label);
    await sealVolume({ ...opened(world), signer: world.signer });
    expect(JSON.parse(read(world, OWN))).toEqual(world.label);
  });
});

describe('a volume that has lost all its labels', () => {
  const zeroAll = (world: VolumeWorld) => {
    for (const path of LABELS) writeFileSync(join(world.deviceDir, path), Buffer.alloc(271));
  };
  const removeAll = (world: VolumeWorld) => {
    for (const path of LABELS) rmSync(join(world.deviceDir, path));
  };

  test.each([zeroAll, removeAll])('gets one of what is known: %o', async (harm) => {
    const world = await sealed('sealed');
    harm(world);
    const found = await verifyVolume(opened(world));
    expect(found.intact).toBe(true);
    expect(found.remarks.map(({ path }) => path).sort()).toEqual([...LABELS].sort());
    expect(found.remarks.every(({ what }) => what.startsWith('is lost in all'))).toBe(true);
    await restored(world);
    const made = { ...world.label, createdAt: MADE_AT };
    for (const path of LABELS) expect(JSON.parse(read(world, path))).toEqual(made);
  });

  test('is restored where it is a bag, whose tag manifest no new label fits', async () => {
    const world = await sealed('bag');
    zeroAll(world);
    await restored(world);
    expect(await verifyVolume(opened(world))).toMatchObject({ intact: false, damaged: 0 });
  });

  test('has none made when nothing says that it is this volume', async () => {
    const world = await sealed('sealed');
    removeAll(world);
    const volumeId = '00000000-0000-4000-8000-000000000000';
    expect(() => labelOf(world.deviceDir, { ...world.label, volumeId }, MADE_AT)).toThrow(
      expect.objectContaining({ code: 'DeviceNotPrepared' }),
    );
  });
});

const THINGS: Record<string, (path: string) => Promise<void> | void> = {
  'a file': (path) => writeFileSync(path, 'x'),
  'a link': (path) => symlinkSync('/etc', path),
  'a link to itself': (path) => symlinkSync(path, path),
  'a socket': (path) =>
    new Promise<void>((resolve) => {
      const server = createServer().listen(path, () => {
        // Closing would remove it; the process forgets it at its end.
        server.unref();
        resolve();
      });
    }),
};

describe.each(Object.entries(THINGS))('%s in the place of the recovery data', (_, make) => {
  test.each(['waybill/parity', 'waybill/parity/000001-0.par'])(
    '%s costs no object, is named, and is made again',
    async (path) => {
      const world = await sealed('sealed', true);
      rmSync(join(world.deviceDir, path), { recursive: true });
      await make(join(world.deviceDir, path));
      const found = await verifyVolume(opened(world));
      expect(found).toMatchObject({ intact: false, damaged: 0, sealState: 'sealed' });
      expect(found.problems.every(({ code }) => code === 'RecoveryDamaged')).toBe(true);
      await restored(world);
      rmSync(join(world.dir, 'restored'), { recursive: true });
      rmSync(join(world.dir, 'restore-state'), { recursive: true });
      const segment = join(world.deviceDir, 'waybill/segments/000000/000001.seg');
      const bytes = readFileSync(segment);
      const digest = createHash('sha256').update(bytes).digest('hex');
      bytes[900] = (bytes[900] ?? 0) ^ 1;
      writeFileSync(segment, bytes);
      const target = { kind: 'tree', root: join(world.dir, 'restored') } as const;
      const { summary } = await unloadRepaired(world.unloadOptions({ ...opened(world), target }));
      // Nothing protects the segment any more, unless another file of its set is there.
      const isMended = createHash('sha256').update(readFileSync(segment)).digest('hex') === digest;
      expect(summary.failed).toBe(isMended ? 0 : 1);
    },
  );

  test('gives way when recovery data is written', async () => {
    const world = await loaded('sealed');
    mkdirSync(join(world.deviceDir, 'waybill'), { recursive: true });
    await make(join(world.deviceDir, 'waybill/parity'));
    await writeParity({ ...world, percent: 100, workers: 0 });
    await sealVolume(world);
    const found = await verifyVolume({ ...opened(world), full: true });
    expect(found).toMatchObject({ intact: true, recovery: { setsLost: 0 } });
  });
});

describe('a repair', () => {
  test('has nothing to do on a volume that is intact', async () => {
    for (const kind of ['sealed', 'bag'] as const) {
      const result = await repairVolume(opened(await sealed(kind)));
      expect(result).toMatchObject({ repaired: [], lost: [], verified: { intact: true } });
    }
  });

  test('makes a lost set again when all else is whole, and says of nothing lost that it costs nothing', async () => {
    const world = await sealed('sealed', true);
    const parity = join(world.deviceDir, 'waybill/parity');
    for (const name of readdirSync(parity).filter((one) => one.startsWith('000001')))
      writeFileSync(join(parity, name), 'no head');
    const found = await verifyVolume(opened(world));
    expect(found).toMatchObject({ intact: false, damaged: 0, remarks: [] });
    const { repaired, verified } = await repairVolume(opened(world));
    expect(repaired.length).toBeGreaterThan(0);
    expect(repaired.every((path) => path.startsWith('waybill/parity/000001'))).toBe(true);
    expect(verified).toMatchObject({ intact: true });
  });

  test('says what to do when nothing tells how much recovery data there was', async () => {
    const world = await sealed('sealed', true);
    rmSync(join(world.deviceDir, 'waybill/parity'), { recursive: true });
    const refused = expect.objectContaining({
      code: 'VolumeNotVerified',
      message: expect.stringContaining('--parity'),
    });
    await expect(repairVolume(opened(world))).rejects.toEqual(refused);
  });

  test('tells of no file that is still damaged that it was restored', async () => {
    const world = await sealed('sealed', true);
    const parity = join(world.deviceDir, 'waybill/parity');
    for (const name of readdirSync(parity).filter((one) => one.startsWith('000001'))) {
      const bytes = readFileSync(join(parity, name));
      seededBytes(7, 2000).copy(bytes, bytes.length / 2 - 1000);
      writeFileSync(join(parity, name), bytes);
    }
    for (const number of [1, 2]) {
      const path = join(world.deviceDir, `waybill/segments/000000/00000${number}.seg`);
      const bytes = readFileSync(path);
      bytes[900] = (bytes[900] ?? 0) ^ 1;
      writeFileSync(path, bytes);
    }
    const { repaired, verified } = await repairVolume(opened(world));
    expect(verified.intact).toBe(false);
    for (const path of repaired) expect(verified.recovery?.damaged).not.toContain(path);
    expect(repaired.filter((path) => path.endsWith('.seg'))).toEqual([]);
  });
});

test('objects on lost pages are counted by the seal', async () => {
  const world = await sealed('sealed');
  rmSync(join(world.deviceDir, 'waybill/catalog/000002.cat'));
  expect(await verifyVolume(opened(world))).toMatchObject({ damaged: 1, objectsLost: 1 });
});
