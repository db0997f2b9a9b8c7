import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { checkPlan } from '../domain/processing.ts';
import { makeTree, seeded, seededBytes } from '../testing/trees.ts';
import { type VolumeWorld, volumeWorld } from '../testing/volume-world.ts';
import { readMeta } from '../volume/catalog/record-metadata.ts';
import type { LoadOptions } from './load/load-options.ts';
import { listVolume } from './report/list-volume.ts';

const LOAD = fileURLToPath(new URL('../testing/load-child.ts', import.meta.url));

/** Puts two objects for each: one of a name that nobody knows before. */
const code = `export const handler = async (event, { s3 }) => {
  const { bucket, object } = event.Records[0].s3;
  const Key = decodeURIComponent(object.key.replaceAll('+', ' '));
  const { Body } = await s3.getObject({ Bucket: bucket.name, Key });
  await s3.putObject({ Key: 'copies/' + Key, Body });
  await s3.putObject({ Key: 'sizes/' + Key, Body: String(object.size) });
};`;
const plan = checkPlan({
  originals: 'keep',
  steps: [
    { step: 'filter', exclude: ['**/*.tmp'] },
    { step: 'function', code, match: ['**/*[02468].bin'] },
    { step: 'gzip', match: ['copies/**'] },
    { step: 'checksums', match: ['**/*[13579].bin'] },
  ],
});
const processing = { plan, network: false };

/** Runs the load as a process of its own, and kills it so many milliseconds after it began to copy. */
async function loadKilled(options: LoadOptions, dir: string, ms: number): Promise<void> {
  const file = join(dir, 'load.json');
  const jobKey = options.jobKey && Buffer.from(options.jobKey).toString('base64');
  writeFileSync(file, JSON.stringify({ ...options, jobKey }), { mode: 0o600 });
  const child = spawn(process.execPath, ['--import', 'tsx', LOAD, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended]);
  await sleep(ms);
  child.kill('SIGKILL');
  await ended;
  expect(child.signalCode ?? child.exitCode).toBe('SIGKILL');
}

/** Every object of the volume: key, digest, and what it was made of. */
async function holds(world: VolumeWorld): Promise<string[]> {
  const found: string[] = [];
  for await (const record of listVolume(world)) {
    const { key, bytes, sha256 } = record;
    const meta = readMeta(record);
    const steps = (meta?.steps ?? []).map(({ step }) => step).join('+');
    found.push(
      `${key} ${bytes} ${sha256.toString('hex')} of ${meta?.source?.key ?? '-'} by ${steps}`,
    );
  }
  return found.sort();
}

const counts = ({
  objects,
  bytes,
  processing: results,
}: Awaited<ReturnType<VolumeWorld['load']>>) => ({
  objects,
  bytes,
  inputs: results?.inputs,
  outputs: results?.outputs,
  steps: results?.steps.map(({ ms: _, ...rest }) => rest),
});

test('a load that is killed again and again ends as one that was left alone', async () => {
  const world = await volumeWorld();
  makeTree(world.source, { seed: 11, files: 400, bytesMax: 8000 });
  writeFileSync(join(world.source, 'large-0.bin'), seededBytes(11, 6_000_000));
  const alone = await volumeWorld();
  const source = { kind: 'tree', root: world.source, symlinks: 'skip' } as const;
  const expected = await alone.load({ processing, source });
  expect(expected.processing?.kept).toBe(0);
  const wanted = await holds(alone);

  const random = seeded(11);
  const options = world.loadOptions({ processing });
  for (let kill = 0; kill < 3; kill += 1) await loadKilled(options, world.dir, random() * 250);
  const again = await world.load({ processing });
  expect(await holds(world)).toEqual(wanted);
  expect(counts(again)).toEqual(counts(expected));
  expect((await world.load({ processing })).alreadyDone).toBe(
    expected.processing?.steps[0]?.objectsOut,
  );
});

test('so does one whose source changes between the kills', async () => {
  const world = await volumeWorld();
  makeTree(world.source, { seed: 12, files: 300, bytesMax: 8000 });
  await world.load({ processing });
  const options = world.loadOptions({ processing });
  for (let kill = 0; kill < 3; kill += 1) {
    // Other bytes of other sizes under the same names, and some names that were not there.
    makeTree(world.source, { seed: 12, files: 100 + 120 * kill, bytesMax: 7000 + kill });
    await loadKilled(options, world.dir, 20 + 60 * kill);
  }
  const again = await world.load({ processing });
  const alone = await volumeWorld();
  const source = { kind: 'tree', root: world.source, symlinks: 'skip' } as const;
  const expected = await alone.load({ processing, source });
  expect(await holds(world)).toEqual(await holds(alone));
  expect(counts(again)).toEqual(counts(expected));
});
