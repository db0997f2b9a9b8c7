import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../stores/open.ts';
import { openS3 } from '../../stores/s3/client.ts';
import type { RemoteSpec, StoreSpec } from '../../stores/store-spec.ts';
import { s3Servers } from '../../testing/servers/s3-servers.ts';
import { listKeys, putObject, readObject, remoteSpec } from '../../testing/store-world.ts';
import { tempDir } from '../../testing/temp.ts';
import { makeAwkwardTree, makeTree, seededBytes, snapshot } from '../../testing/trees.ts';
import { UNLOAD_PROGRAM, writeUnload } from '../../testing/unload-child.ts';
import { type VolumeWorld, volumeWorld } from '../../testing/volume-world.ts';
import { writeParity } from '../parity/parity.ts';
import type { TransferEvent } from '../progress/progress.ts';
import { sealVolume } from '../verify/seal.ts';
import { verifyVolume } from '../verify/verify.ts';
import { type ArchiveOptions, archiveVolume } from './archive.ts';

const KEY = 'JID00000000-0000-4000-8000-000000000001.tar';

const vaultOf = (world: VolumeWorld): StoreSpec => ({
  kind: 'glacier',
  root: world.storeRoot,
  bucket: 'bucket',
});

const optionsOf = (world: VolumeWorld, spec: StoreSpec, changes: Partial<ArchiveOptions> = {}) => ({
  ...world.unloadOptions(),
  target: { kind: 'store', spec, prefix: '' } as const,
  ...changes,
});

const archived = (world: VolumeWorld, changes: Partial<ArchiveOptions> = {}) =>
  archiveVolume(optionsOf(world, vaultOf(world), changes));

/** A sealed volume with awkward names and a large object. */
async function sealedWorld(kind: 'sealed' | 'bag' = 'sealed'): Promise<VolumeWorld> {
  const world = await volumeWorld(kind);
  makeTree(world.source, { seed: 3, files: 20, bytesMax: 40_000 });
  makeAwkwardTree(world.source);
  writeFileSync(join(world.source, 'large'), seededBytes(4, 3_000_000));
  await world.load();
  await sealVolume(world);
  return world;
}

async function bytesOf(spec: StoreSpec, key: string): Promise<Buffer> {
  const store = openStore(spec);
  try {
    return await readObject(store, key);
  } finally {
    await store.close();
  }
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Lets the system's tar unpack an archive; returns the directory. */
function unpack(archive: Buffer): string {
  const dir = tempDir();
  writeFileSync(join(dir, 'a.tar'), archive);
  mkdirSync(join(dir, 'device'));
  const { status, stderr } = spawnSync(
    'tar',
    ['xf', join(dir, 'a.tar'), '-C', join(dir, 'device')],
    { encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return join(dir, 'device');
}

/** The objects of a volume that was unpacked, restored by the engine. */
async function restored(world: VolumeWorld, deviceDir: string): Promise<Map<string, string>> {
  expect(await verifyVolume({ ...world, deviceDir, workers: 0, full: true })).toMatchObject({
    damaged: 0,
  });
  const root = join(deviceDir, '../restored');
  const { summary } = await world.unload({
    deviceDir,
    target: { kind: 'tree', root },
    stateDir: join(deviceDir, '../state'),
  });
  expect(summary).toMatchObject({ outcome: 'succeeded' });
  return snapshot(root);
}

const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();

describe.each(['sealed', 'bag'] as const)('a %s volume', (kind) => {
  test('becomes one archive, which tar unpacks to what it was', async () => {
    const world = await sealedWorld(kind);
    const own = filesBelow(world.deviceDir);
    // What somebody else left on the device stays where it is.
    mkdirSync(join(world.deviceDir, 'lost+found'));
    for (const path of ['SIGNATURE', 'lost+found/1', 'waybill/notes.txt', 'waybill/lock.json'])
      writeFileSync(join(world.deviceDir, path), 'foreign');
    const { summary, files } = await archived(world);
    const archive = await bytesOf(vaultOf(world), KEY);
    const { objects, bytes } = summary;
    expect(summary).toMatchObject({
      outcome: 'succeeded',
      alreadyPresent: 0,
      failed: 0,
      archive: { key: KEY, bytes: archive.length, sha256: sha256(archive) },
    });
    const expected = snapshot(world.source);
    expect(objects).toBe(expected.size);
    expect(bytes).toBeGreaterThan(3_000_000);
    const store = openStore(vaultOf(world));
    expect(await listKeys(store)).toEqual([KEY]);
    await store.close();
    if (kind === 'sealed') expect(archive.includes('bottom')).toBe(false);

    const deviceDir = unpack(archive);
    expect(filesBelow(deviceDir)).toEqual(own);
    for (const path of own)
      expect(
        readFileSync(join(deviceDir, path)).equals(readFileSync(join(world.deviceDir, path))),
      ).toBe(true);
    expect(await restored(world, deviceDir)).toEqual(expected);

    const lines = readFileSync(files['success.csv'], 'utf8').trim().split('\r\n').slice(1);
    expect(lines).toHaveLength(expected.size);
    expect(lines.every((line) => line.endsWith(`,archived,,${KEY},,`))).toBe(true);
    expect(lines.some((line) => line.startsWith(`large,3000000,${expected.get('large')},`))).toBe(
      true,
    );
  });

  test('gives the same archive on another device and another day', async () => {
    const world = await sealedWorld(kind);
    const first = await archived(world);
    const copy = join(world.dir, 'copy');
    cpSync(world.deviceDir, copy, { recursive: true });
    mkdirSync(join(world.storeRoot, 'other'));
    const spec = { ...vaultOf(world), bucket: 'other' };
    const second = await archiveVolume(
      optionsOf(world, spec, { deviceDir: copy, stateDir: join(world.dir, 'other-state') }),
    );
    expect(second.summary.archive).toEqual(first.summary.archive);
  });
});

test('an archive is sent once, and stands in nobody’s way', async () => {
  const world = await sealedWorld();
  await archived(world);
  const phases: string[] = [];
  const onEvent = (event: TransferEvent) => {
    if (event.kind === 'phase') phases.push(event.phase);
  };
  expect((await archived(world, { onEvent })).summary).toMatchObject({ alreadyPresent: 0 });
  expect(phases).toEqual([]);
  // Another host finds it there.
  const { summary } = await archived(world, { stateDir: join(world.dir, 'second') });
  expect(summary).toMatchObject({ outcome: 'succeeded', alreadyPresent: summary.objects });
  const store = openStore(vaultOf(world));
  await putObject(store, KEY, 'something else');
  await store.flush();
  await store.close();
  const stateDir = join(world.dir, 'third');
  await expect(archived(world, { stateDir })).rejects.toMatchObject({ code: 'ObjectExists' });
  await archived(world, { stateDir, overwrite: 'if-different' });
  expect(sha256(await bytesOf(vaultOf(world), KEY))).toBe(summary.archive?.sha256);
});

test('a volume is archived whole or not at all: what is damaged is repaired or refused', async () => {
  const world = await sealedWorld();
  const segment = join(world.deviceDir, 'waybill/segments/000000/000001.seg');
  const whole = readFileSync(segment);
  const damage = () => {
    const bytes = Buffer.from(whole);
    bytes.fill(0, 100_000, 100_100);
    writeFileSync(segment, bytes);
  };
  damage();
  await expect(archived(world)).rejects.toMatchObject({
    code: 'VolumeNotVerified',
    message: expect.stringContaining('--archive object'),
  });
  const store = openStore(vaultOf(world));
  expect(await listKeys(store)).toEqual([]);
  await store.close();
  truncateSync(segment, 1000);
  await expect(archived(world)).rejects.toMatchObject({ code: 'VolumeNotVerified' });

  const other = await volumeWorld();
  makeTree(other.source, { seed: 3, files: 20, bytesMax: 40_000 });
  await other.load();
  await writeParity({ ...other, percent: 10, workers: 0 });
  await sealVolume(other);
  const path = join(other.deviceDir, 'waybill/segments/000000/000001.seg');
  const before = readFileSync(path);
  writeFileSync(path, Buffer.from(before).fill(0, 5000, 5100));
  await archived(other);
  expect(readFileSync(path).equals(before)).toBe(true);
  const deviceDir = unpack(await bytesOf(vaultOf(other), KEY));
  expect(readdirSync(join(deviceDir, 'waybill/parity'))).toContain('000001-0.par');
  expect(await restored(other, deviceDir)).toEqual(snapshot(other.source));
});

test('nothing from outside the device gets into an archive', async () => {
  const world = await volumeWorld();
  makeTree(world.source, { seed: 3, files: 5, bytesMax: 4000 });
  await world.load();
  await writeParity({ ...world, percent: 10, workers: 0 });
  await sealVolume(world);
  writeFileSync(join(world.dir, 'secret'), 'of the station');
  symlinkSync(join(world.dir, 'secret'), join(world.deviceDir, 'waybill/parity/000009-0.par'));
  await archived(world);
  const archive = await bytesOf(vaultOf(world), KEY);
  expect(archive.includes('of the station')).toBe(false);
  expect(filesBelow(unpack(archive))).not.toContain('waybill/parity/000009-0.par');
});

test('an unload by objects after an archive has logs of its own', async () => {
  const world = await sealedWorld();
  const target = { kind: 'store', spec: vaultOf(world), prefix: '' } as const;
  await world.unload({ target });
  await archived(world);
  const { files, summary } = await world.unload({ target });
  const lines = readFileSync(files['success.csv'], 'utf8').trim().split('\r\n').slice(1);
  expect(lines).toHaveLength(summary.objects);
  expect(lines.every((line) => /,(written|already-present),,,,1$/.test(line))).toBe(true);
});

async function uploadsOf(spec: RemoteSpec): Promise<number> {
  const { client, sdk } = await openS3(spec.remote);
  try {
    const at = { Bucket: spec.bucket };
    const { Uploads = [] } = await client.send(new sdk.ListMultipartUploadsCommand(at));
    const [first] = Uploads;
    if (!first) return 0;
    const parts = { ...at, Key: first.Key, UploadId: first.UploadId };
    return (await client.send(new sdk.ListPartsCommand(parts))).Parts?.length ?? 0;
  } finally {
    client.destroy();
  }
}

describe.each(s3Servers())('with $name', ({ running }) => {
  test('what is killed in the middle goes on with the same upload, and measures nothing again', async () => {
    const world = await volumeWorld();
    writeFileSync(join(world.source, 'large'), seededBytes(4, 100 * 1024 * 1024));
    await world.load();
    await sealVolume(world);
    const spec = await remoteSpec(running(), 's3');
    const file = writeUnload(world.dir, optionsOf(world, spec), true);
    const child = spawn(process.execPath, ['--import', 'tsx', UNLOAD_PROGRAM, file], {
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    while ((await uploadsOf(spec)) === 0 && child.exitCode === null) await sleep(50);
    child.kill('SIGKILL');
    await ended;
    expect(child.signalCode).toBe('SIGKILL');
    expect(await uploadsOf(spec)).toBeGreaterThan(0);

    const phases: string[] = [];
    const onEvent = (event: TransferEvent) => {
      if (event.kind === 'phase') phases.push(event.phase);
    };
    const { summary } = await archiveVolume(optionsOf(world, spec, { onEvent }));
    expect(phases).toEqual(['import']);
    expect(await uploadsOf(spec)).toBe(0);
    const uploads = readFileSync(join(world.dir, 'unload-state/uploads.jsonl'), 'utf8');
    expect(uploads.match(/"state":"begun"/g)).toHaveLength(1);
    const archive = await bytesOf(spec, KEY);
    expect(summary.archive).toMatchObject({ bytes: archive.length, sha256: sha256(archive) });
    expect(await restored(world, unpack(archive))).toEqual(snapshot(world.source));
    expect(existsSync(join(world.dir, 'unload-state/archive.json'))).toBe(true);
  });
});
