import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '../../lib/domain/errors.ts';
import { KB, MB, MiB } from '../../lib/domain/sizes.ts';
import { ROOT } from '../../lib/launch/console/console-process.ts';
import { openS3, type S3Api } from '../../lib/stores/s3/client.ts';
import type { RemoteSpec } from '../../lib/stores/store-spec.ts';
import type { LoopbackServer } from '../../lib/testing/servers/loopback-server.ts';
import { startSwift, swiftMissing } from '../../lib/testing/servers/swift.ts';
import { writeUnload } from '../../lib/testing/unload-child.ts';
import { volumeWorld } from '../../lib/testing/volume-world.ts';
import { sealVolume } from '../../lib/transfer/verify/seal.ts';
import { type FileGroup, makeDataSet } from './measure/datasets.ts';
import { describeMachine, machineLines } from './measure/machine.ts';
import { type Command, measureSuccess } from './measure/measure.ts';
import { makePlace } from './measure/places.ts';
import { median, table } from './report/tables.ts';

/**
 * Import into an S3 server on this machine, from an encrypted volume, beside programs that copy a plain directory
 * to the same server. Each writes to a new bucket; Waybill decrypts, compares with the source's checksums and has
 * the server compare again. How much is written the server's own speed decides: a run takes about as long anywhere.
 */

/** The engine alone, as `npm run bench` bundles it for this. */
const UNLOAD_BUNDLE = `${ROOT}dist/bench-unload.mjs`;
const REGION = 'us-east-1';
const ROUNDS = 3;
/** What a run is to take if everything but the server were free, seconds: of small objects, and of large ones. */
const RUN_SECONDS = { small: 25, large: 8 };
const QUICK_RUN_SECONDS = { small: 3, large: 3 };
/** The server's speed is tried for so long. */
const TRIAL_MS = 3000;
const TRIAL_LANES = 8;
const SMALL_BYTES = { bytesMin: KB, bytesMax: 20 * KB };
const LARGE_FILES = 4;

interface Contest {
  server: LoopbackServer;
  api: S3Api;
  dir: string;
  /** The engine of an import, bundled as the agent is. */
  program: string;
  workers: number;
  rounds: number;
  say(text: string): void;
}

/** Runs a way of filling a bucket; returns seconds. */
type Contestant = (contest: Contest, bucket: string, source: string) => Promise<number>;

const secondsOf = async (command: Command, home: string): Promise<number> =>
  (await measureSuccess(command, home)).seconds;

const PEERS: Record<string, Contestant> = {
  'aws s3 cp --recursive': async ({ server, dir }, bucket, source) => {
    const args = ['s3', 'cp', '--recursive', '--only-show-errors', source, `s3://${bucket}`];
    const command = ['--endpoint-url', server.endpoint, ...args];
    return secondsOf({ file: 'aws', args: command, env: awsEnv(server) }, dir);
  },
  'rclone copy': async ({ server, dir }, bucket, source) => {
    const config = join(dir, 'rclone.conf');
    const { accessKeyId, secretAccessKey } = server.credentials;
    const remote = ['[s3]', 'type = s3', 'provider = Other', `endpoint = ${server.endpoint}`];
    const keys = [`access_key_id = ${accessKeyId}`, `secret_access_key = ${secretAccessKey}`];
    writeFileSync(config, [...remote, ...keys, `region = ${REGION}`, ''].join('\n'));
    const args = ['copy', '--config', config, source, `s3:${bucket}`];
    return secondsOf({ file: 'rclone', args }, dir);
  },
};

const awsEnv = ({ credentials }: LoopbackServer): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_DEFAULT_REGION: REGION,
  AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required',
});

/** Runs the contest, prints its tables, and writes them to a file if one is named. */
export async function benchS3(options: {
  quick: boolean;
  workers: number;
  tmpfs: string;
  out: string | undefined;
  say(text: string): void;
}): Promise<void> {
  const { quick, workers, out, say } = options;
  const why = swiftMissing();
  if (why) throw new WaybillError('Usage', { detail: why });
  const place = makePlace('tmpfs', options.tmpfs);
  const { dir } = place;
  const serverDir = join(dir, 'server');
  mkdirSync(serverDir);
  const server = await startSwift(serverDir);
  const { endpoint, region, credentials } = server;
  const api = await openS3({ endpoint, region, credentials, pathStyle: true });
  const rounds = quick ? 1 : ROUNDS;
  // A copy, so that a build meanwhile changes nothing.
  const program = join(dir, 'unload.mjs');
  copyFileSync(UNLOAD_BUNDLE, program);
  const contest: Contest = { server, api, dir, program, workers, rounds, say };
  try {
    const seconds = quick ? QUICK_RUN_SECONDS : RUN_SECONDS;
    const tables = [
      await contend(contest, 'small', await smallGroup(api, seconds.small)),
      await contend(contest, 'large', await largeGroup(api, seconds.large)),
    ];
    if (out === undefined) return;
    const machine = machineLines(describeMachine([place], []));
    writeFileSync(out, [HEAD, machine.join('\n'), ...tables, ''].join('\n\n'));
    say(`written to ${out}`);
  } finally {
    api.client.destroy();
    await server.stop();
  }
}

const makeBucket = ({ client, sdk }: S3Api, Bucket: string) =>
  client.send(new sdk.CreateBucketCommand({ Bucket }));

/** Gives the server's memory back. Where there are thousands that would take longer than to write them. */
async function removeObjects({ client, sdk }: S3Api, Bucket: string): Promise<void> {
  const { Contents = [] } = await client.send(new sdk.ListObjectsV2Command({ Bucket }));
  for (const { Key } of Contents) await client.send(new sdk.DeleteObjectCommand({ Bucket, Key }));
}

/** How many objects of a size the server takes in a second, from few lanes. */
async function objectsASecond(api: S3Api, bucket: string, bytes: number): Promise<number> {
  await makeBucket(api, bucket);
  const { client, sdk } = api;
  const Body = Buffer.alloc(bytes, 1);
  const startedAt = performance.now();
  let objects = 0;
  const lane = async (name: number) => {
    for (let i = 0; performance.now() - startedAt < TRIAL_MS; i += 1) {
      await client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: `${name}-${i}`, Body }));
      objects += 1;
    }
  };
  await Promise.all(Array.from({ length: TRIAL_LANES }, (_, name) => lane(name)));
  return (objects / (performance.now() - startedAt)) * 1000;
}

async function smallGroup(api: S3Api, seconds: number): Promise<FileGroup> {
  const rate = await objectsASecond(api, 'trial-small', 10 * KB);
  const count = Math.min(50_000, Math.max(100, Math.round((rate * seconds) / 100) * 100));
  return { count, ...SMALL_BYTES };
}

async function largeGroup(api: S3Api, seconds: number): Promise<FileGroup> {
  const bytes = 4 * MiB;
  const rate = (await objectsASecond(api, 'trial-large', bytes)) * bytes;
  const whole = Math.round((rate * seconds) / LARGE_FILES / (32 * MiB)) * 32 * MiB;
  const size = Math.min(512 * MiB, Math.max(32 * MiB, whole));
  return { count: LARGE_FILES, bytesMin: size, bytesMax: size };
}

/** Waybill, from the encrypted volume, and everybody else from its source. Returns the table. */
async function contend(contest: Contest, name: string, group: FileGroup): Promise<string> {
  const { api, rounds, say } = contest;
  const dir = join(contest.dir, `volume-${name}`);
  mkdirSync(dir);
  const world = await volumeWorld('sealed', dir);
  const { files, bytes } = await makeDataSet(name, world.source, [group]);
  await world.load({ workers: contest.workers });
  await sealVolume(world);
  const waybill: Contestant = async ({ server, workers, program }, bucket) => {
    const { endpoint, region, credentials } = server;
    const remote = { endpoint, region, credentials, pathStyle: true };
    const spec: RemoteSpec = { kind: 's3', bucket, remote };
    const target = { kind: 'store', spec, prefix: '' } as const;
    const stateDir = join(dir, bucket);
    mkdirSync(stateDir);
    const file = writeUnload(stateDir, world.unloadOptions({ target, workers, stateDir }));
    const seconds = await secondsOf({ file: process.execPath, args: [program, file] }, contest.dir);
    const summary = JSON.parse(readFileSync(join(stateDir, 'summary.json'), 'utf8'));
    if (summary.objects < files)
      throw new WaybillError('Usage', { detail: 'Waybill did not import every object' });
    return seconds;
  };
  const contestants = Object.entries({ waybill, ...PEERS });
  const times = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contestants.length; turn += 1) {
      // Each round starts with another one: what came first fills the server's caches.
      const [who, fill] = contestants[(round + turn) % contestants.length] ?? ['waybill', waybill];
      const bucket = `${name}-${round}-${turn}`;
      await makeBucket(api, bucket);
      const seconds = await fill(contest, bucket, world.source);
      times.set(who, [...(times.get(who) ?? []), seconds]);
      if (files === LARGE_FILES) await removeObjects(api, bucket);
    }
  }
  rmSync(dir, { recursive: true });
  const own = median(times.get('waybill') ?? []);
  const title = `**${name}**: ${files} files, ${Math.round(bytes / MB)} MB, ${rounds} round(s), median`;
  const rows = contestants.map(([who]) => {
    const seconds = median(times.get(who) ?? []);
    const speed = name === 'small' ? files / seconds : bytes / MB / seconds;
    return [who, seconds.toFixed(2), speed.toFixed(0), (seconds / own).toFixed(2)];
  });
  const unit = name === 'small' ? 'objects/s' : 'MB/s';
  const text = `${title}\n\n${table([['', 'seconds', unit, 'ratio'], ...rows])}`;
  say(`\n${text}`);
  return text;
}

const HEAD = `# Import into S3

Waybill imports an encrypted volume into an S3 server on the same machine, beside programs that copy the plain directory
it was made from to the same server. To repeat it: \`npm run bench -- --s3\`; \`--quick\` takes less.

The server is OpenStack Swift with its S3 API, one worker a service, data in memory. It shares the processors with whoever
writes to it, and is what takes most of the time: how much is written was chosen by its speed. Waybill decrypts every
object, compares it with the SHA-256 and CRC-32 of its source and signs it by that SHA-256, so that the server compares
once more; the others read plain files. All are programs that start anew.

**Ratio** is the time over Waybill's: above 1 Waybill was faster.`;
