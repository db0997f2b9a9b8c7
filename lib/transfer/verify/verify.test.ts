import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seededBytes } from '../../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../../testing/volume-world.ts';
import { homesOf, removeEverywhere, type SmallFile } from '../../volume/copies.ts';
import { writeParity } from '../parity/parity.ts';
import { reopenVolume, type SealFacts, sealVolume } from './seal.ts';
import { type VerifyOptions, verifyVolume } from './verify.ts';
import { requireLatestSeal } from './verify-seal.ts';

const on = (world: VolumeWorld, path: string): string => join(world.deviceDir, path);

const verify = (world: VolumeWorld, more: Partial<VerifyOptions> = {}) =>
  verifyVolume({ ...world, caPem: world.authority.certificatePem, workers: 0, ...more });

const known = ({ sealDigest, sealedAt }: SealFacts, by = 'this host') => ({
  by,
  sealDigest,
  sealedAt,
});

async function loadedWorld(kind: 'sealed' | 'bag' = 'sealed'): Promise<VolumeWorld> {
  const world = await volumeWorld(kind);
  for (let i = 0; i < 3; i += 1) {
    writeFileSync(join(world.source, `f${i}`), seededBytes(i, 4000 + i));
    await world.load();
  }
  return world;
}

describe('the seal', () => {
  test('that is not there yet is said to be missing to nobody', async () => {
    const found = await verify(await loadedWorld());
    expect(found).toMatchObject({ intact: true, sealState: 'not-sealed', sealDigest: null });
  });

  test('is compared with what this host and the console know', async () => {
    const world = await loadedWorld();
    const facts = await sealVolume(world);
    const knownStates = [known(facts), known(facts, 'the console')];
    expect(await verify(world, { knownStates })).toMatchObject({
      intact: true,
      sealState: 'sealed',
      sealDigest: facts.sealDigest,
      sealKnownBy: ['this host', 'the console'],
    });
    expect(await verify(world)).toMatchObject({ intact: true, sealKnownBy: [] });
  });

  const isGone: Record<string, (world: VolumeWorld, file: SmallFile) => void> = {
    deleted: (world, file) => removeEverywhere(world.deviceDir, file),
    'replaced by folders': (world, file) => {
      for (const path of homesOf(file)) {
        rmSync(on(world, path));
        mkdirSync(on(world, path));
      }
    },
  };
  const cases = Object.keys(isGone).flatMap((how) =>
    (['seal.bin', 'seal.cms'] as const).map((file) => ({ how, file })),
  );

  test.each(cases)('that is known and whose $file is $how is missed', async ({ how, file }) => {
    const world = await loadedWorld();
    const facts = await sealVolume(world);
    isGone[how]?.(world, file);
    const found = await verify(world, { knownStates: [known(facts)] });
    expect(found).toMatchObject({ intact: false, sealState: 'missing', damaged: 0 });
    const options = { ...world, caPem: world.authority.certificatePem };
    const missing = expect.objectContaining({ code: 'SealMissing' });
    expect(() => requireLatestSeal({ ...options, knownStates: [known(facts)] })).toThrow(missing);
    expect(() => requireLatestSeal({ ...options, knownStates: [] })).not.toThrow();
    expect(found.problems).toEqual([
      expect.objectContaining({
        code: 'SealMissing',
        message: expect.stringContaining('this host'),
      }),
    ]);
  });

  test('of an earlier state is superseded by the one that is known', async () => {
    const world = await loadedWorld();
    const first = await sealVolume(world);
    cpSync(world.deviceDir, join(world.dir, 'clone'), { recursive: true });
    await reopenVolume(world);
    writeFileSync(join(world.source, 'more'), 'more');
    await world.load();
    const second = await sealVolume(world);
    const clone = { ...world, deviceDir: join(world.dir, 'clone') };
    const found = await verify(clone, {
      knownStates: [known(first), known(second, 'the console')],
    });
    expect(found).toMatchObject({ intact: false, sealState: 'superseded' });
    expect(found.problems[0]).toMatchObject({ code: 'SealSuperseded' });
    expect(found.problems[0]?.message).toContain(second.sealDigest);
    // The other way round the device is ahead of those who were asked.
    expect(await verify(world, { knownStates: [known(first)] })).toMatchObject({
      intact: true,
      sealIsNewer: true,
    });
  });

  test('of which all copies are damaged is no seal', async () => {
    const world = await loadedWorld();
    await sealVolume(world);
    for (const path of homesOf('seal.bin')) appendFileSync(on(world, path), 'x');
    expect(await verify(world)).toMatchObject({
      intact: false,
      sealState: 'invalid',
      problems: [{ code: 'SignatureInvalid' }],
    });
  });
});

describe('recovery data', () => {
  async function protectedWorld(): Promise<VolumeWorld> {
    const world = await loadedWorld();
    await writeParity({ ...world, percent: 34, workers: 0 });
    await sealVolume(world);
    return world;
  }
  const parity = (world: VolumeWorld) => on(world, 'waybill/parity');
  const firstOf = (world: VolumeWorld) => join(parity(world), '000001-0.par');

  test('that is whole is said to be', async () => {
    const world = await protectedWorld();
    expect(await verify(world)).toMatchObject({
      intact: true,
      recovery: { sets: 2, damaged: [], unprotected: 0, isCompared: false },
    });
    expect(await verify(world, { full: true })).toMatchObject({
      intact: true,
      recovery: { isCompared: true },
    });
  });

  test.each([
    { what: 'noise in its rows', harm: (path: string) => noise(path, 2000) },
    { what: 'noise in its first head', harm: (path: string) => noise(path, 20) },
    { what: 'a missing file', harm: (path: string) => rmSync(path) },
    { what: 'a file that is cut off', harm: (path: string) => truncateSync(path, 3000) },
    {
      what: 'a folder in the place of a file',
      harm: (path: string) => {
        rmSync(path);
        mkdirSync(path);
      },
    },
  ])('with $what is damaged', async ({ harm }) => {
    const world = await protectedWorld();
    harm(firstOf(world));
    const found = await verify(world);
    expect(found).toMatchObject({ intact: false, damaged: 0 });
    expect(found.recovery?.damaged).toEqual(['waybill/parity/000001-0.par']);
    expect(found.problems).toEqual([expect.objectContaining({ code: 'RecoveryDamaged' })]);
  });

  test('that is gone is missed, because the seal counts it', async () => {
    const world = await protectedWorld();
    rmSync(parity(world), { recursive: true });
    const found = await verify(world);
    expect(found).toMatchObject({ intact: false, recovery: { sets: 0, setsLost: 2 } });
    for (const name of readdirSync(world.deviceDir)) expect(name).toBe('waybill');
  });

  test('that does not protect what was copied after it is no damage', async () => {
    const world = await loadedWorld();
    await writeParity({ ...world, percent: 34, workers: 0 });
    writeFileSync(join(world.source, 'later'), 'later');
    await world.load();
    expect(await verify(world)).toMatchObject({ intact: true, recovery: { unprotected: 2 } });
    await sealVolume(world);
    expect(await verify(world)).toMatchObject({ intact: true, recovery: { unprotected: 2 } });
  });

  test('that grew costs nothing, and is remarked', async () => {
    const world = await protectedWorld();
    truncateSync(firstOf(world), 2 ** 40);
    expect(await verify(world)).toMatchObject({
      intact: true,
      remarks: [{ path: 'waybill/parity/000001-0.par', what: 'has bytes behind its end' }],
    });
  });

  test('of another state is found out by --full', async () => {
    const world = await loadedWorld();
    await writeParity({ ...world, percent: 34, workers: 0 });
    const earlier = new Map(
      readdirSync(parity(world)).map((name) => [name, readFileSync(join(parity(world), name))]),
    );
    writeFileSync(join(world.source, 'f2'), seededBytes(77, 4002));
    const volumeFile = on(world, 'waybill/segments/000000/000003.seg');
    rmSync(volumeFile);
    await world.load();
    await writeParity({ ...world, percent: 34, workers: 0 });
    await sealVolume(world);
    for (const [name, bytes] of earlier) writeFileSync(join(parity(world), name), bytes);
    const found = await verify(world, { full: true });
    expect(found).toMatchObject({ intact: false, damaged: 0 });
    expect(found.problems.every(({ code }) => code === 'RecoveryDamaged')).toBe(true);
  });
});

type At = (path: string) => string;

/** Lines of a manifest of some algorithm, over the files of the payload. */
const manifest = (at: At, algorithm: string, names = ['f0', 'f1', 'f2']): string =>
  names
    .map((name) => {
      const hash = createHash(algorithm).update(readFileSync(at(`data/${name}`)));
      return `${hash.digest('hex')}  data/${name}\n`;
    })
    .join('');

const OTHER_LISTS: { what: string; harm: (at: At) => void }[] = [
  {
    what: 'a file to fetch that is not there',
    harm: (at) => writeFileSync(at('fetch.txt'), 'http://127.0.0.1:1/ 10 data/x\n'),
  },
  {
    what: 'a file to fetch that has another length',
    harm: (at) => writeFileSync(at('fetch.txt'), 'http://127.0.0.1:1/ 10 data/f0\n'),
  },
  { what: 'a folder for a list to fetch', harm: (at) => mkdirSync(at('fetch.txt')) },
  {
    what: 'a list to fetch that is none',
    harm: (at) => writeFileSync(at('fetch.txt'), 'fetch this\n'),
  },
  {
    what: 'an MD5 manifest of another file',
    harm: (at) => writeFileSync(at('manifest-md5.txt'), '00  data/nope\n'),
  },
  ...['md5', 'sha1', 'sha512'].map((algorithm) => ({
    what: `a ${algorithm} manifest whose digests do not hold`,
    harm: (at: At) =>
      writeFileSync(
        at(`manifest-${algorithm}.txt`),
        manifest(at, algorithm).replace(/^./, (c) => (c === '0' ? '1' : '0')),
      ),
  })),
  {
    what: 'an MD5 manifest without a file',
    harm: (at) => writeFileSync(at('manifest-md5.txt'), manifest(at, 'md5', ['f0', 'f2'])),
  },
  {
    what: 'an unknown manifest without a file',
    harm: (at) => writeFileSync(at('manifest-crc32c.txt'), '00  data/f0\n00  data/f1\n'),
  },
  {
    what: 'an MD5 tag manifest that does not hold',
    harm: (at) => writeFileSync(at('tagmanifest-md5.txt'), `${'0'.repeat(32)}  bagit.txt\n`),
  },
  {
    what: 'a tag manifest that names a file outside',
    harm: (at) => writeFileSync(at('tagmanifest-md5.txt'), `${'0'.repeat(32)}  ../secret\n`),
  },
  {
    what: 'a manifest without an end to its line',
    harm: (at) => {
      writeFileSync(at('manifest-sha512.txt'), '');
      truncateSync(at('manifest-sha512.txt'), 2 ** 40);
    },
  },
];

describe('a bag', () => {
  async function sealedBag(): Promise<VolumeWorld> {
    const world = await loadedWorld('bag');
    await sealVolume(world);
    return world;
  }
  const change = (path: string, from: string | RegExp, to: string) =>
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));

  test('that is whole is intact', async () => {
    expect(await verify(await sealedBag())).toMatchObject({ intact: true, remarks: [] });
  });

  test.each([
    { what: 'no bagit.txt', harm: (at: (p: string) => string) => rmSync(at('bagit.txt')) },
    {
      what: 'another version in bagit.txt',
      harm: (at: (p: string) => string) => change(at('bagit.txt'), '1.0', '9.0'),
    },
    {
      what: 'a manifest without a line',
      harm: (at: (p: string) => string) => change(at('manifest-sha256.txt'), /^.*\n/, ''),
    },
    {
      what: 'a manifest with a line more',
      harm: (at: (p: string) => string) =>
        appendFileSync(at('manifest-sha256.txt'), `${'0'.repeat(64)}  data/more\n`),
    },
    { what: 'no manifest', harm: (at: (p: string) => string) => rmSync(at('manifest-sha256.txt')) },
    {
      what: 'another Payload-Oxum',
      harm: (at: (p: string) => string) => change(at('bag-info.txt'), /Oxum: \d+/, 'Oxum: 1'),
    },
    {
      what: 'no tag manifest',
      harm: (at: (p: string) => string) => rmSync(at('tagmanifest-sha256.txt')),
    },
    ...OTHER_LISTS,
    {
      what: 'a file in the payload that nobody named',
      harm: (at: (p: string) => string) => writeFileSync(at('data/stray'), 'stray'),
    },
  ])('with $what is none', async ({ harm }) => {
    const world = await sealedBag();
    harm((path) => on(world, path));
    const found = await verify(world);
    expect(found).toMatchObject({ intact: false, damaged: 0, sealState: 'sealed' });
    expect(found.problems.length).toBeGreaterThan(0);
    expect(found.problems.every(({ code }) => code === 'BagInvalid')).toBe(true);
  });

  test('with right lists of other algorithms, and files that were fetched, is one', async () => {
    const world = await sealedBag();
    const at = (path: string) => on(world, path);
    for (const algorithm of ['md5', 'sha1', 'sha512'])
      writeFileSync(at(`manifest-${algorithm}.txt`), manifest(at, algorithm));
    writeFileSync(at('manifest-crc32c.txt'), manifest(at, 'md5'));
    writeFileSync(at('fetch.txt'), 'http://127.0.0.1:1/ 4000 data/f0\r\nhttp://x/ - data/f1');
    expect(await verify(world)).toMatchObject({ intact: true, problems: [] });
  });

  test.each([
    ['a link', (path: string) => symlinkSync('/etc/hostname', path), 'a symbolic link'],
    ['a folder', (path: string) => mkdirSync(path), 'a folder'],
    ['nothing', () => undefined, 'nothing'],
  ] as const)('with %s in the place of a file says so of the device', async (_, make, found) => {
    const world = await sealedBag();
    rmSync(on(world, 'data/f1'));
    make(on(world, 'data/f1'));
    const { summary, damaged, files } = await world.unload();
    expect(summary).toMatchObject({ objects: 2, failed: 1 });
    expect(damaged).toBe(true);
    const failures = readFileSync(files['failure.csv'], 'utf8');
    expect(failures).toContain('PayloadDamaged');
    expect(failures).toContain(`the device holds ${found} where`);
  });

  test('with a link in the place of a folder says so of the device', async () => {
    const world = await volumeWorld('bag');
    mkdirSync(join(world.source, 'sub'));
    writeFileSync(join(world.source, 'sub/f'), 'text');
    await world.load();
    await sealVolume(world);
    rmSync(on(world, 'data/sub'), { recursive: true });
    symlinkSync(join(world.source, 'sub'), on(world, 'data/sub'));
    const { files } = await world.unload();
    const failures = readFileSync(files['failure.csv'], 'utf8');
    expect(failures).toContain('the device holds a link');
    expect(failures).not.toContain('StoreKeyConflict');
  });

  test('with a file of 1 TiB is refused by its size', async () => {
    const world = await sealedBag();
    truncateSync(on(world, 'data/f1'), 2 ** 40);
    const found = await verify(world);
    expect(found).toMatchObject({ intact: false, damaged: 1 });
    expect(found.problems.map(({ key }) => key)).toEqual(['f1']);
    expect(found.bytes).toBeLessThan(20_000);
  });
});

/** Changes bytes of a file. */
function noise(path: string, at: number): void {
  const bytes = readFileSync(path);
  seededBytes(at, 30).copy(bytes, at);
  writeFileSync(path, bytes);
}
