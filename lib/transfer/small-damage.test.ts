import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tempDir } from '../testing/temp.ts';
import { seededBytes, snapshot } from '../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../testing/volume-world.ts';
import { homesOf } from '../volume/copies.ts';
import { isLabelOf, readLabel } from '../volume/label.ts';
import { writeParity } from './parity/parity.ts';
import { listVolume } from './report/list-volume.ts';
import { unloadRepaired } from './unload/unload-with-repair.ts';
import { repairVolume } from './verify/repair.ts';
import { sealVolume } from './verify/seal.ts';
import { verifyVolume } from './verify/verify.ts';

/** What a small damage may cost at most, with recovery data and without. */

const FILES = 3;
const PAGE = 'waybill/catalog/000002.cat';
const SEGMENT = 'waybill/segments/000000/000002.seg';

interface Damage {
  what: string;
  do: (path: (name: string) => string) => void;
  /** Objects that are lost without recovery data. With it none ever is. */
  costs?: number;
  /** What verify remarks, of a volume that is intact all the same. */
  remarks?: { path: string; what: string }[];
}

const flip = (path: string, at = 5): void => {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
};
const zero = (path: string) => writeFileSync(path, Buffer.alloc(readFileSync(path).length));
const replace = (path: string, by: 'folder' | 'link' | 'pipe') => {
  rmSync(path);
  if (by === 'folder') mkdirSync(path);
  else if (by === 'link') symlinkSync('/etc/hostname', path);
  else expect(spawnSync('mkfifo', [path]).status).toBe(0);
};
const TIB = 2 ** 40;
const copyIs = (path: string) => ({ path, what: 'is damaged, a copy is not' });
const longer = (path: string) => ({ path, what: 'has bytes behind its end' });
const unnamed = (path: string) => ({ path, what: 'is not named by the seal' });

const SMALL = (['label.json', 'seal.bin', 'seal.cms'] as const).flatMap((file) => homesOf(file));

const DAMAGES: Damage[] = [
  ...SMALL.flatMap((path): Damage[] => [
    { what: `${path} full of zeros`, do: (at) => zero(at(path)), remarks: [copyIs(path)] },
  ]),
  ...(['waybill/label.json', 'waybill/seal.bin', 'waybill/seal.cms'] as const).flatMap(
    (path): Damage[] => [
      { what: `one bit of ${path}`, do: (at) => flip(at(path)), remarks: [copyIs(path)] },
      { what: `${path} gone`, do: (at) => rmSync(at(path)), remarks: [copyIs(path)] },
      {
        what: `a byte behind ${path}`,
        do: (at) => appendFileSync(at(path), '!'),
        remarks: [copyIs(path)],
      },
      {
        what: `${path} grown to 1 TiB`,
        do: (at) => truncateSync(at(path), TIB),
        remarks: [copyIs(path)],
      },
      {
        what: `${path} a folder`,
        do: (at) => replace(at(path), 'folder'),
        remarks: [copyIs(path)],
      },
      { what: `${path} a link`, do: (at) => replace(at(path), 'link'), remarks: [copyIs(path)] },
      { what: `${path} a pipe`, do: (at) => replace(at(path), 'pipe'), remarks: [copyIs(path)] },
    ],
  ),
  {
    what: 'the three signatures damaged but one, and another body than that of the one',
    do: (at) => {
      flip(at('waybill/seal.cms'), 900);
      flip(at('waybill/copy-1/seal.cms'), 900);
      flip(at('waybill/copy-2/seal.bin'));
    },
    remarks: [
      copyIs('waybill/copy-2/seal.bin'),
      copyIs('waybill/seal.cms'),
      copyIs('waybill/copy-1/seal.cms'),
    ],
  },
  ...[PAGE, SEGMENT].flatMap((path): Damage[] => [
    {
      what: `a byte behind ${path}`,
      do: (at) => appendFileSync(at(path), '!'),
      remarks: [longer(path)],
    },
    {
      what: `a megabyte behind ${path}`,
      do: (at) => appendFileSync(at(path), seededBytes(1, 1_100_000)),
      remarks: [longer(path)],
    },
    {
      what: `${path} grown to 1 TiB`,
      do: (at) => truncateSync(at(path), TIB),
      remarks: [longer(path)],
    },
    { what: `${path} gone`, do: (at) => rmSync(at(path)), costs: 1 },
    { what: `${path} a folder`, do: (at) => replace(at(path), 'folder'), costs: 1 },
    { what: `${path} a link`, do: (at) => replace(at(path), 'link'), costs: 1 },
    { what: `${path} a pipe`, do: (at) => replace(at(path), 'pipe'), costs: 1 },
    { what: `one bit of ${path}`, do: (at) => flip(at(path), 100), costs: 1 },
  ]),
  {
    what: 'a stray page, segment and file',
    do: (at) => {
      writeFileSync(at('waybill/catalog/000009.cat'), 'stray');
      cpSync(at(PAGE), at('waybill/catalog/000008.cat'));
      cpSync(at(SEGMENT), at('waybill/segments/000000/000009.seg'));
      writeFileSync(at('waybill/notes.txt'), 'stray');
    },
    remarks: [
      unnamed('waybill/catalog/000008.cat'),
      unnamed('waybill/catalog/000009.cat'),
      unnamed('waybill/notes.txt'),
      unnamed('waybill/segments/000000/000009.seg'),
    ],
  },
];

const whole: Record<string, VolumeWorld> = {};
const dirs: string[] = [];
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

beforeAll(async () => {
  for (const parity of ['no', 'its']) {
    const dir = mkdtempSync(join(tmpdir(), 'waybill-test-'));
    dirs.push(dir);
    const world = await volumeWorld('sealed', dir);
    for (let i = 0; i < FILES; i += 1) {
      writeFileSync(join(world.source, `f${i}`), seededBytes(i, i === 1 ? 2_100_000 : 3000));
      await world.load();
    }
    if (parity === 'its') await writeParity({ ...world, percent: 40, workers: 0 });
    await sealVolume(world);
    whole[parity] = world;
  }
});

/** A copy of the whole volume, damaged, and a place for what comes out of it. */
function damaged(parity: string, damage: Damage) {
  const world = whole[parity] as VolumeWorld;
  const dir = tempDir();
  const deviceDir = join(dir, 'device');
  cpSync(world.deviceDir, deviceDir, { recursive: true });
  damage.do((name) => join(deviceDir, name));
  const label = readLabel(deviceDir, isLabelOf(world.label));
  const { jobKey, authority } = world;
  const caPem = authority.certificatePem;
  return { world, dir, volume: { deviceDir, label, jobKey, caPem, workers: 0 } };
}

const sorted = (remarks: readonly { path: string; what: string }[]) =>
  [...remarks].sort((a, b) => (a.path < b.path ? -1 : 1));

describe.each(['no', 'its'])('with %s recovery data', (parity) => {
  const costOf = ({ costs = 0 }: Damage) => (parity === 'its' ? 0 : costs);

  test.each(DAMAGES)('$what: verify names it', async (damage) => {
    const { volume } = damaged(parity, damage);
    const found = await verifyVolume(volume);
    expect(found.sealState).toBe('sealed');
    expect(found.intact).toBe(damage.costs === undefined);
    expect(sorted(found.remarks)).toEqual(sorted(damage.remarks ?? []));
    expect(found.damaged).toBe(damage.costs ?? 0);
  });

  test.each(DAMAGES)('$what: restore and import write all that is left', async (damage) => {
    const { world, dir, volume } = damaged(parity, damage);
    const target = { kind: 'tree', root: join(dir, 'restored') } as const;
    const options = world.unloadOptions({ ...volume, target, stateDir: join(dir, 'state') });
    const { summary } = await unloadRepaired(options);
    expect(summary).toMatchObject({ objects: FILES - costOf(damage), failed: costOf(damage) });
    const restored = snapshot(target.root);
    expect(restored.size).toBe(FILES - costOf(damage));
    const source = snapshot(world.source);
    for (const [name, digest] of restored) expect(digest).toBe(source.get(name));
    const keys: string[] = [];
    for await (const { key } of listVolume(volume)) keys.push(key.toString());
    const isPage = damage.what.includes(PAGE) && costOf(damage) === 1;
    expect(keys).toHaveLength(FILES - (isPage ? 1 : 0));
  });

  test.each(DAMAGES)('$what: a repair leaves no damage that could be mended', async (damage) => {
    const { volume } = damaged(parity, damage);
    const isMended = costOf(damage) === 0 && !damage.what.startsWith('a stray');
    if (!isMended) {
      const repaired = await repairVolume(volume).catch((error: { code: string }) => error);
      // What costs nothing needs no repair.
      expect(repaired).toMatchObject(
        parity === 'its' || costOf(damage) === 0 ? { lost: [] } : { code: 'VolumeNotVerified' },
      );
      return;
    }
    const { verified, lost } = await repairVolume(volume);
    expect({ intact: verified.intact, remarks: verified.remarks, lost }).toEqual({
      intact: true,
      remarks: [],
      lost: [],
    });
  });
});
