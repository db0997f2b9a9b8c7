import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { missingFor } from '../../domain/irreversible.ts';
import { KEY_RULES } from '../../domain/object-keys.ts';
import { STORE_WIDE } from '../../domain/operations.ts';
import { csvLineFields } from '../../domain/report.ts';
import type { RemotePlace, RemoteSpec } from '../../stores/store-spec.ts';
import type { UnloadResult } from '../../transfer/unload/unload.ts';
import { sealVolume } from '../../transfer/verify/seal.ts';
import { evidenceOfImport } from '../evidence.ts';
import { type Fault, type FaultProxy, type FaultRule, faultProxy } from '../servers/fault-proxy.ts';
import { strictS3 } from '../servers/strict-s3.ts';
import { seededBytes } from '../trees.ts';
import { type VolumeWorld, volumeWorld } from '../volume-world.ts';
import type { Scenario } from './scenario.ts';
import { rounds } from './story.ts';

const PAUSES = { own: [], volume: [0], hurt: [0, 0, 0, 0], doubtful: [0, 0] };
const BUCKET = 'bucket';
const PREFIX = 'in/';
/** In one of so many rounds there is an object that goes in parts. */
const LARGE_ROUNDS = 12;
const LARGE_BYTES = 17 * 1024 * 1024;

/** Random fault plans over an import, an export of the same objects and a restore into another store. */
export const stores: Scenario = {
  name: 'stores',
  about:
    'networks, gateways and stores refuse, damage, lose and cut off requests and answers at random; nothing is lost, nothing wrong is called right, and no device may be erased before all of it has landed',
  factor: 0.2,
  async run({ seed, rounds: count }) {
    const totals = { faults: 0, refused: 0, failed: 0, landed: 0 };
    const options = { seed, rounds: Math.max(1, Math.round(count)), name: 'stores' };
    await rounds(options, async ({ random, dir, seed: own }) => {
      const blind = random() < 0.3;
      const servers: Server[] = [];
      const server = await strictS3({ blind, listen: (one) => listen(one, servers) });
      const proxy = await faultProxy(server.place.endpoint, { seed: own });
      try {
        const there = { ...server, proxy, totals };
        const source = await importing(there, dir, random);
        await exporting(there, dir, random, source);
      } finally {
        totals.faults += proxy.seen.filter(({ fault }) => fault !== undefined).length;
        await proxy.close();
        for (const one of servers) {
          one.closeAllConnections();
          one.close();
        }
      }
    });
    return totals;
  },
};

async function listen(server: Server = createServer(), open: Server[]): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert(address !== null && typeof address === 'object');
  return `http://127.0.0.1:${address.port}`;
}

interface There {
  place: RemotePlace;
  objects: Map<string, Buffer>;
  proxy: FaultProxy;
  totals: { refused: number; failed: number; landed: number };
}

/** Bytes by key. */
type Wanted = Map<string, Buffer>;

const specOf = ({ place, proxy }: There): RemoteSpec => ({
  kind: 's3',
  bucket: BUCKET,
  remote: { ...place, endpoint: proxy.endpoint, attempts: 2, hurry: true },
});

async function importing(there: There, dir: string, random: () => number): Promise<Wanted> {
  const world = await volumeWorld('sealed', dirOf(dir, 'import'));
  const wanted = makeSource(world, random);
  await world.load({ keyRules: KEY_RULES.s3 });
  const seal = await sealVolume(world);
  await unloadUnderFaults(there, world, PREFIX, wanted, random, seal.sealDigest);
  return wanted;
}

function dirOf(dir: string, name: string): string {
  const path = join(dir, name);
  mkdirSync(path);
  return path;
}

function makeSource(world: VolumeWorld, random: () => number): Wanted {
  const wanted: Wanted = new Map();
  const count = 3 + Math.floor(random() * 10);
  for (let i = 0; i < count; i += 1) {
    const isLarge = i === 0 && random() < 1 / LARGE_ROUNDS;
    const bytes = isLarge ? LARGE_BYTES : Math.floor(random() ** 3 * 20_000);
    const key = `${['', 'a/', 'a/b/', 'c d/'][Math.floor(random() * 4)]}object-${i}`;
    wanted.set(key, seededBytes(Math.floor(random() * 1e9), bytes));
  }
  for (const [key, bytes] of wanted) {
    mkdirSync(join(world.source, key, '..'), { recursive: true });
    writeFileSync(join(world.source, key), bytes);
  }
  return wanted;
}

/** Unloads a volume under one plan after another, then without faults; what each says must be so. */
async function unloadUnderFaults(
  there: There,
  world: VolumeWorld,
  prefix: string,
  wanted: Wanted,
  random: () => number,
  sealDigest: string,
): Promise<void> {
  const { proxy, totals } = there;
  const spec = specOf(there);
  const target = { kind: 'store', spec, prefix } as const;
  const run = () => world.unload({ target, pausesMs: PAUSES, workers: 0 });
  for (let plan = 0; plan < 1 + Math.floor(random() * 3); plan += 1) {
    proxy.rules = planOf(random, [...wanted.keys()]);
    try {
      const result = await run();
      checkResult(there, prefix, wanted, result, sealDigest);
      totals.failed += result.summary.failed;
    } catch (error) {
      if (!isWaybillError(error, ...STORE_WIDE)) throw wrong(error, proxy);
      totals.refused += 1;
    }
  }
  proxy.rules = [];
  const result = await run();
  assert.equal(result.summary.failed, 0, 'everything lands once the store takes it');
  checkResult(there, prefix, wanted, result, sealDigest);
  const keys = [...there.objects.keys()].filter((key) => key.startsWith(prefix));
  assert.deepEqual(
    keys.filter((key) => !key.includes('.waybill-check-')).sort(),
    [...wanted.keys()].map((key) => prefix + key).sort(),
    'the store holds the objects and no others',
  );
  totals.landed += wanted.size;
}

const wrong = (error: unknown, proxy: FaultProxy): Error =>
  new Error(`${error}, under ${JSON.stringify(proxy.rules.map(({ fault }) => fault))}`, {
    cause: error,
  });

/** What a report says of each object is so, and the device may go only when all of them are there. */
function checkResult(
  { objects }: There,
  prefix: string,
  wanted: Wanted,
  { summary, files }: UnloadResult,
  sealDigest: string,
): void {
  const landed = keysOf(files['success.csv']);
  const failed = keysOf(files['failure.csv']);
  assert.equal(landed.length, summary.objects);
  assert.equal(failed.length, summary.failed);
  assert.deepEqual(
    [...landed, ...failed].sort(),
    [...wanted.keys()].map((key) => prefix + key).sort(),
    'the report names every object once',
  );
  for (const key of landed) {
    const bytes = wanted.get(key.slice(prefix.length));
    assert(bytes && objects.get(key)?.equals(bytes), `${key} is called landed, and is not`);
  }
  const evidence = evidenceOfImport({
    sealDigest,
    reportedDigest: summary.sealDigest,
    objects: wanted.size,
    failed: summary.failed,
  });
  const mayErase = missingFor('erase', evidence, { sealDigest }).length === 0;
  assert.equal(mayErase, failed.length === 0, 'the device goes when all of it is there');
}

const keysOf = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\r\n')
    .slice(1)
    .map((line) => csvLineFields(line)[0] ?? '');

/** Exports what was imported, under faults; what the volume then says it holds are the bytes of the store. */
async function exporting(
  there: There,
  dir: string,
  random: () => number,
  wanted: Wanted,
): Promise<void> {
  const { proxy } = there;
  const world = await volumeWorld('sealed', dirOf(dir, 'export'));
  const source = { kind: 'store', spec: specOf(there), prefix: PREFIX } as const;
  const fill = () => world.load({ source, keyRules: KEY_RULES.s3 });
  for (let plan = 0; plan < 1 + Math.floor(random() * 2); plan += 1) {
    proxy.rules = planOf(random, [...wanted.keys()]);
    try {
      await fill();
    } catch (error) {
      if (!(error instanceof WaybillError)) throw wrong(error, proxy);
      there.totals.refused += 1;
    }
  }
  proxy.rules = [];
  const { failed, problems } = await fill();
  assert.equal(
    failed,
    0,
    `everything can be exported once the store gives it: ${JSON.stringify(problems)}`,
  );
  const seal = await sealVolume(world);
  const root = join(dir, 'restored');
  mkdirSync(root);
  const { summary } = await world.unload({ target: { kind: 'tree', root } });
  assert.equal(summary.failed, 0);
  for (const [key, bytes] of wanted) {
    const found = readFileSync(join(root, PREFIX, key));
    assert.equal(digestOf(found), digestOf(bytes), `${key} came back with other bytes`);
  }
  const restored = new Map([...wanted].map(([key, bytes]) => [PREFIX + key, bytes]));
  await unloadUnderFaults(there, world, 'back/', restored, random, seal.sealDigest);
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const CODES: [number, string][] = [
  [403, 'AccessDenied'],
  [403, 'InvalidAccessKeyId'],
  [403, 'SignatureDoesNotMatch'],
  [403, 'QuotaExceeded'],
  [507, 'InsufficientStorage'],
  [404, 'NoSuchBucket'],
  [400, 'BadDigest'],
  [400, 'KMS.DisabledException'],
  [405, 'MethodNotAllowed'],
  [418, 'Teapot'],
  [500, 'InternalError'],
  [503, 'SlowDown'],
];

function faultOf(random: () => number): Fault {
  const one = <T>(all: readonly T[]): T => {
    const found = all[Math.floor(random() * all.length)];
    assert(found !== undefined);
    return found;
  };
  const [status, code] = one(CODES);
  return one<() => Fault>([
    () => ({ do: 'refuse', status, code }),
    () => ({ do: 'refuse', status, code }),
    () => ({ do: 'html', status: one([200, 403, 404, 502]) }),
    () => ({ do: 'reset-before' }),
    () => ({ do: 'reset-in-request' }),
    () => ({ do: 'reset-in-answer' }),
    () => ({ do: 'lose-answer' }),
    () => ({ do: 'truncate-answer' }),
    () => ({ do: 'flip-answer' }),
    () => ({ do: 'flip-request' }),
    () => ({
      do: 'error-inside',
      code: one(['InternalError', 'AccessDenied']),
      acts: random() < 0.5,
    }),
    () => ({ do: 'delay', ms: 5 }),
  ])();
}

/** One to three rules: for one object, for all of them or for all requests; now and then, or from some request on. */
function planOf(random: () => number, keys: string[]): FaultRule[] {
  return Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
    const key = keys[Math.floor(random() * keys.length)] ?? '';
    const place = random();
    const nth = 1 + Math.floor(random() * 6);
    const isFew = random() < 0.6;
    const fault = faultOf(random);
    // A listing has no checksum in S3: only TLS keeps its bits.
    const anywhere = fault.do === 'flip-answer' ? OBJECTS : /./;
    return {
      fault,
      method: random() < 0.6 ? /PUT|POST/ : /./,
      path: place < 0.4 ? new RegExp(`/${key}(\\?|$)`) : place < 0.8 ? OBJECTS : anywhere,
      nth,
      mth: isFew ? nth + Math.floor(random() * 4) : undefined,
      probability: random() < 0.5 ? 0.3 : undefined,
    };
  });
}

const OBJECTS = /^\/bucket\/(in|back)\//;
