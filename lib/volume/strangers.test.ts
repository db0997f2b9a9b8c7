import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkPlan } from '../domain/processing.ts';
import { tempDir } from '../testing/temp.ts';
import { makeAwkwardTree, makeTree, seededBytes, snapshot } from '../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../testing/volume-world.ts';
import { writeParity } from '../transfer/parity/parity.ts';
import { sealVolume } from '../transfer/verify/seal.ts';
import { homesOf } from './copies.ts';
import { FRAME_BYTES, SEGMENT_BYTES_MAX } from './layout.ts';

/** Programs in Python that were written from FORMAT.md alone. Where there is no Python with its package, they cannot run. */
const python = (script: string, args: string[], input = '') =>
  spawnSync(
    'python3',
    [fileURLToPath(new URL(`../../e2e/stranger/${script}`, import.meta.url)), ...args],
    { input, encoding: 'utf8' },
  );
const canRun = spawnSync('python3', ['-c', 'import cryptography']).status === 0;
if (!canRun) console.warn('not tested: e2e/stranger needs python3 with the package cryptography');

function read(world: VolumeWorld, out?: string) {
  const ca = join(world.dir, 'ca.pem');
  writeFileSync(ca, world.authority.certificatePem);
  const args = [world.deviceDir, ca, ...(out ? [out] : [])];
  const { status, stdout, stderr } = python(
    'read_volume.py',
    args,
    world.jobKey?.toString('hex') ?? '',
  );
  const objects = stdout.split('\n').flatMap((line) => (line ? [JSON.parse(line)] : []));
  return { status, stderr, objects };
}

const vectorOf = (format: 1 | 2) =>
  fileURLToPath(new URL(`./vectors/waybill-volume-${format}`, import.meta.url));

describe.skipIf(!canRun)('a stranger with Python', () => {
  test.each([1, 2] as const)('reads the volume of format %i', (format) => {
    const dir = vectorOf(format);
    const { jobKey, caPem, objects } = JSON.parse(readFileSync(join(dir, 'vector.json'), 'utf8'));
    const ca = join(tempDir(), 'ca.pem');
    writeFileSync(ca, caPem);
    const run = python('read_volume.py', [join(dir, 'device'), ca], jobKey);
    expect(run.stderr).toBe('');
    const found = run.stdout.split('\n').flatMap((line) => (line ? [JSON.parse(line)] : []));
    const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
    expect(found.sort(byKey)).toEqual([...objects].sort(byKey));
  });

  test('restores objects that span segments, were replaced, or have awkward names', async () => {
    const world = await volumeWorld();
    makeTree(world.source, { seed: 4, files: 20, bytesMax: 10_000 });
    makeAwkwardTree(world.source);
    writeFileSync(join(world.source, 'three frames'), seededBytes(1, 2 * FRAME_BYTES + 17));
    writeFileSync(join(world.source, 'changes'), 'before');
    await world.load();
    writeFileSync(join(world.source, 'changes'), 'afterwards');
    const spanning = join(world.source, 'two segments');
    writeFileSync(spanning, seededBytes(2, 4096));
    truncateSync(spanning, SEGMENT_BYTES_MAX + FRAME_BYTES);
    await world.load();
    await sealVolume(world);
    const out = join(world.dir, 'out');
    expect(read(world, out)).toMatchObject({ status: 0, stderr: '' });
    expect(snapshot(out)).toEqual(snapshot(world.source));
  });

  test('does not restore what was withdrawn', async () => {
    const world = await volumeWorld();
    const plan = checkPlan({ steps: [{ step: 'filter', maxBytes: 5 }] });
    const processing = { plan, network: false };
    for (const name of ['stays', 'grows']) writeFileSync(join(world.source, name), 'small');
    await world.load({ processing });
    writeFileSync(join(world.source, 'grows'), 'too large now');
    await world.load({ processing });
    await sealVolume(world);
    const out = join(world.dir, 'out');
    expect(read(world, out)).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(out)).toEqual(['stays']);
  });

  test('reports what is damaged, and has it again when parity has restored it', async () => {
    const world = await volumeWorld();
    for (let i = 0; i < 4; i += 1) {
      writeFileSync(join(world.source, `f${i}`), seededBytes(i, i === 2 ? 2_200_000 : 5000));
      await world.load();
    }
    await writeParity({ ...world, percent: 34, workers: 0 });
    await sealVolume(world);
    const whole = join(world.dir, 'whole');
    cpSync(world.deviceDir, whole, { recursive: true });
    const segments = join(world.deviceDir, 'waybill/segments/000000');
    const bytes = readFileSync(join(segments, '000003.seg'));
    writeFileSync(join(segments, '000003.seg'), bytes.fill(0, 1_200_000, 1_204_096));
    rmSync(join(segments, '000001.seg'));
    const damaged = read(world);
    expect(damaged.status).toBe(1);
    const keys = damaged.objects
      .filter((object) => object.damaged)
      .map(({ key }) => Buffer.from(key, 'base64').toString());
    expect(keys).toEqual(['f0', 'f2']);
    rmSync(join(world.deviceDir, 'waybill/catalog/000002.cat'));
    expect(read(world)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/pages differ from the seal/),
    });
    expect(python('repair_volume.py', [world.deviceDir])).toMatchObject({ status: 0, stderr: '' });
    expect(read(world)).toMatchObject({ status: 0 });
    const same = (name: string) =>
      readFileSync(join(segments, name)).equals(
        readFileSync(join(whole, 'waybill/segments/000000', name)),
      );
    expect(readdirSync(segments).every(same)).toBe(true);
  });

  test('needs one label, one body and one signature, and ignores what lies behind an end and what nobody named', async () => {
    const world = await volumeWorld();
    writeFileSync(join(world.source, 'a'), seededBytes(1, 5000));
    writeFileSync(join(world.source, 'b'), seededBytes(2, 1_100_000));
    await world.load();
    await sealVolume(world);
    const on = (path: string) => join(world.deviceDir, 'waybill', path);
    writeFileSync(on('label.json'), Buffer.alloc(300));
    writeFileSync(on('copy-1/label.json'), '{');
    rmSync(on('seal.bin'));
    writeFileSync(on('copy-2/seal.bin'), 'damaged');
    for (const path of ['seal.cms', 'copy-1/seal.cms']) writeFileSync(on(path), 'damaged');
    for (const path of ['catalog/000001.cat', 'segments/000000/000001.seg'])
      appendFileSync(on(path), seededBytes(3, 2000));
    cpSync(on('catalog/000001.cat'), on('catalog/000002.cat'));
    const out = join(world.dir, 'out');
    expect(read(world, out)).toMatchObject({ status: 0, stderr: '' });
    expect(snapshot(out)).toEqual(snapshot(world.source));
  });

  test('refuses a seal of another authority', async () => {
    const world = await volumeWorld();
    writeFileSync(join(world.source, 'a'), 'a');
    await world.load();
    await sealVolume(world);
    const other = readFileSync(join(vectorOf(1), 'device/waybill/seal.cms'));
    for (const path of homesOf('seal.cms')) writeFileSync(join(world.deviceDir, path), other);
    expect(read(world)).toMatchObject({
      status: 1,
      objects: [],
      stderr: expect.stringMatching(/^refused: seal.cms/),
    });
  });
});
