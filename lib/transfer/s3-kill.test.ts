import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openS3 } from '../stores/s3/client.ts';
import type { RemoteSpec } from '../stores/store-spec.ts';
import { s3Servers } from '../testing/servers/s3-servers.ts';
import { remoteSpec } from '../testing/store-world.ts';
import { makeTree, seededBytes } from '../testing/trees.ts';
import { UNLOAD_PROGRAM, writeUnload } from '../testing/unload-child.ts';
import { type VolumeWorld, volumeWorld } from '../testing/volume-world.ts';
import { sealVolume } from './verify/seal.ts';

/** Runs an unload in a process of its own. */
function start(world: VolumeWorld, spec: RemoteSpec): ChildProcess {
  const target = { kind: 'store', spec, prefix: '' } as const;
  const file = writeUnload(world.dir, world.unloadOptions({ target }));
  return spawn(process.execPath, ['--import', 'tsx', UNLOAD_PROGRAM, file], { stdio: 'ignore' });
}

/** What is in a bucket: keys with the times they were written, and how many parts wait. */
async function look(spec: RemoteSpec) {
  const { client, sdk } = await openS3(spec.remote);
  try {
    const at = { Bucket: spec.bucket };
    const { Contents = [] } = await client.send(new sdk.ListObjectsV2Command(at));
    const { Uploads = [] } = await client.send(new sdk.ListMultipartUploadsCommand(at));
    let parts = 0;
    for (const { Key, UploadId } of Uploads) {
      const page = await client.send(new sdk.ListPartsCommand({ ...at, Key, UploadId }));
      parts += page.Parts?.length ?? 0;
    }
    const written = new Map(Contents.map((object) => [object.Key, object.LastModified?.getTime()]));
    return { written, uploads: Uploads.map(({ UploadId }) => UploadId), parts };
  } finally {
    client.destroy();
  }
}

describe.each(s3Servers())('with $name', ({ running }) => {
  test('what is killed in the middle goes on, and sends nothing again', async () => {
    const world = await volumeWorld();
    makeTree(world.source, { seed: 7, files: 60, bytesMax: 30_000 });
    writeFileSync(join(world.source, 'zz-large'), seededBytes(4, 100 * 1024 * 1024));
    const { objects } = await world.load();
    await sealVolume(world);
    const spec = await remoteSpec(running(), 's3');
    const child = start(world, spec);
    const ended = once(child, 'exit');
    let before = await look(spec);
    while (before.parts === 0 && child.exitCode === null) {
      await sleep(50);
      before = await look(spec);
    }
    child.kill('SIGKILL');
    await ended;
    expect(child.signalCode).toBe('SIGKILL');
    before = await look(spec);
    expect(before.uploads).toHaveLength(1);

    const { summary } = await world.unload({ target: { kind: 'store', spec, prefix: '' } });
    expect(summary).toMatchObject({ outcome: 'succeeded', objects });
    const after = await look(spec);
    expect(after.written.size).toBe(objects);
    expect(after.uploads).toEqual([]);
    for (const [key, time] of before.written) expect(after.written.get(key), key).toBe(time);
    expect(summary.alreadyPresent).toBe(before.written.size);
  });
});
