import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { RemotePlace, RemoteSpec } from '../stores/store-spec.ts';
import { sealVolume } from '../transfer/verify/seal.ts';
import { type FaultProxy, type FaultRule, faultProxy } from './servers/fault-proxy.ts';
import { strictS3 } from './servers/strict-s3.ts';
import { seededBytes } from './trees.ts';
import { type VolumeWorld, volumeWorld } from './volume-world.ts';

/** Imports through a proxy that does what networks, gateways and stores do. */

/** Between the attempts of an object: none is waited for. */
export const NO_PAUSES = { own: [], volume: [0], hurt: [0, 0, 0, 0], doubtful: [0, 0] };
/** Keys of the small objects. */
export const NAMES = ['a', 'b', 'c', 'private/d', 'private/e'];
/** Key of the large one. */
export const LARGE = 'large';

/** A sealed device, and the store that it is imported into. */
export interface Import {
  world: VolumeWorld;
  proxy: FaultProxy;
  /** Keys and bytes of the bucket, below the prefix. */
  objects(): Map<string, Buffer>;
  run(changes?: Partial<Parameters<VolumeWorld['unload']>[0]>): ReturnType<VolumeWorld['unload']>;
  log(file: 'success.csv' | 'failure.csv'): string[];
}

/** A sealed volume with the small objects, and a large one where it has bytes. */
export async function sealedWorld(largeBytes: number): Promise<VolumeWorld> {
  const world = await volumeWorld();
  for (const name of NAMES) {
    mkdirSync(dirname(join(world.source, name)), { recursive: true });
    writeFileSync(join(world.source, name), `bytes of ${name}`);
  }
  if (largeBytes > 0) writeFileSync(join(world.source, LARGE), seededBytes(2, largeBytes));
  await world.load();
  await sealVolume(world);
  return world;
}

/** What the volume holds is to be imported below `in/`. */
export async function importing(
  rules: FaultRule[],
  {
    blind = false,
    large = 0,
    ...place
  }: { blind?: boolean; large?: number } & Partial<RemotePlace> = {},
): Promise<Import> {
  const world = await sealedWorld(large);
  const server = await strictS3({ blind });
  const proxy = await faultProxy(server.place.endpoint, { rules });
  onTestFinished(() => proxy.close());
  const remote = { ...server.place, endpoint: proxy.endpoint, attempts: 2, ...place };
  const spec: RemoteSpec = { kind: 's3', bucket: 'bucket', remote };
  const target = { kind: 'store', spec, prefix: 'in/' } as const;
  return {
    world,
    proxy,
    objects: () =>
      new Map(
        [...server.objects].flatMap(([key, bytes]) =>
          key.startsWith('in/') ? [[key.slice(3), bytes]] : [],
        ),
      ),
    run: (changes) => world.unload({ target, pausesMs: NO_PAUSES, ...changes }),
    log: (file) =>
      readFileSync(join(world.dir, 'unload-state', file), 'utf8')
        .trim()
        .split('\r\n')
        .slice(1),
  };
}
