import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { WaybillError } from '../../lib/domain/errors.ts';
import { openS3 } from '../../lib/stores/s3-client.ts';
import type { RemoteSpec } from '../../lib/stores/store.ts';
import type { LoopbackServer } from '../../lib/testing/servers/loopback-server.ts';
import { startSwift, swiftMissing } from '../../lib/testing/servers/swift.ts';
import { volumeWorld } from '../../lib/testing/volume-world.ts';
import { sealVolume } from '../../lib/transfer/seal.ts';
import { DATA_SETS, type FileGroup, makeDataSet } from './datasets.ts';
import { measure } from './measure.ts';
import { makePlace } from './places.ts';

/**
 * Import into an S3 server on this machine, from an encrypted volume, beside programs that copy a plain directory
 * to the same server. Each writes to a new bucket; Waybill decrypts, compares with the source's checksums and has
 * the server compare again.
 */

const REGION = 'us-east-1';
const ROUNDS = 3;

interface Contest {
  server: LoopbackServer;
  client: S3Client;
  dir: string;
  workers: number;
}

/** Runs a way of filling a bucket; returns seconds. */
type Contestant = (contest: Contest, bucket: string, source: string) => Promise<number>;

const PEERS: Record<string, Contestant> = {
  'aws s3 cp --recursive': async ({ server, dir }, bucket, source) => {
    const args = ['s3', 'cp', '--recursive', '--only-show-errors', source, `s3://${bucket}`];
    return run(dir, 'aws', ['--endpoint-url', server.endpoint, ...args], awsEnv(server));
  },
  'rclone copy': async ({ server, dir }, bucket, source) => {
    const config = join(dir, 'rclone.conf');
    const { accessKeyId, secretAccessKey } = server.credentials;
    const remote = ['[s3]', 'type = s3', 'provider = Other', `endpoint = ${server.endpoint}`];
    const keys = [`access_key_id = ${accessKeyId}`, `secret_access_key = ${secretAccessKey}`];
    writeFileSync(config, [...remote, ...keys, `region = ${REGION}`, ''].join('\n'));
    return run(dir, 'rclone', ['copy', '--config', config, source, `s3:${bucket}`], {});
  },
};

const awsEnv = ({ credentials }: LoopbackServer): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_DEFAULT_REGION: REGION,
  AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required',
});

async function run(
  dir: string,
  file: string,
  args: string[],
  env: Record<string, string>,
): Promise<number> {
  const { seconds, status, talk } = await measure({ file, args, env }, dir);
  if (status === 0) return seconds;
  const detail = `${file} ended with ${status}: ${talk.trim()}`;
  throw new WaybillError('Usage', { detail });
}

/** Runs the contest and prints a table. */
export async function benchS3(options: {
  quick: boolean;
  workers: number;
  tmpfs: string;
  say(text: string): void;
}): Promise<void> {
  const why = swiftMissing();
  if (why) throw new WaybillError('Usage', { detail: why });
  const place = makePlace('tmpfs', options.tmpfs);
  const serverDir = join(place.dir, 'server');
  mkdirSync(serverDir);
  const server = await startSwift(serverDir);
  const { endpoint, region, credentials } = server;
  const { client, sdk } = await openS3({ endpoint, region, credentials, pathStyle: true });
  const makeBucket = async (bucket: string) => {
    await client.send(new sdk.CreateBucketCommand({ Bucket: bucket }));
  };
  try {
    for (const name of ['small', 'large'] as const) {
      const groups = options.quick ? DATA_SETS[name].quick : DATA_SETS[name].groups;
      const contest = { server, client, dir: place.dir, workers: options.workers };
      const rounds = options.quick ? 1 : ROUNDS;
      await contend({ contest, name, groups, rounds, makeBucket, say: options.say });
    }
  } finally {
    client.destroy();
    await server.stop();
  }
}

async function contend(options: {
  contest: Contest;
  name: string;
  groups: readonly FileGroup[];
  rounds: number;
  makeBucket(bucket: string): Promise<void>;
  say(text: string): void;
}): Promise<void> {
  const { contest, name, groups, rounds, makeBucket, say } = options;
  const dir = join(contest.dir, `volume-${name}`);
  mkdirSync(dir);
  const world = await volumeWorld('sealed', dir);
  const { files, bytes } = await makeDataSet(name, world.source, groups);
  await world.load({ workers: contest.workers });
  await sealVolume(world);
  const waybill: Contestant = async ({ server, workers }, bucket) => {
    const { endpoint, region, credentials } = server;
    const remote = { endpoint, region, credentials, pathStyle: true };
    const spec: RemoteSpec = { kind: 's3', bucket, remote };
    const target = { kind: 'store', spec, prefix: '' } as const;
    const startedAt = performance.now();
    const { summary } = await world.unload({ target, workers, stateDir: join(dir, bucket) });
    if (summary.objects < files)
      throw new WaybillError('Usage', { detail: 'Waybill did not import every object' });
    return (performance.now() - startedAt) / 1000;
  };
  const contestants = Object.entries({ waybill, ...PEERS });
  const times = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, [who, fill]] of contestants.entries()) {
      const bucket = `${name}-${round}-${i}`;
      await makeBucket(bucket);
      const seconds = await fill(contest, bucket, world.source);
      times.set(who, [...(times.get(who) ?? []), seconds]);
    }
  }
  const median = (who: string): number => {
    const sorted = [...(times.get(who) ?? [])].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  const own = median('waybill');
  say(`\n${name}: ${files} files, ${Math.round(bytes / 1e6)} MB, ${rounds} round(s), median`);
  say('| | seconds | Waybill is faster by |\n| --- | --- | --- |');
  for (const [who] of contestants) {
    const seconds = median(who);
    say(`| ${who} | ${seconds.toFixed(2)} | ${(seconds / own).toFixed(2)} |`);
  }
}
