import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isWaybillError } from '../../domain/errors.ts';
import { createAuthority, issueJobCertificate } from '../../keys/certificates.ts';
import { signCms } from '../../keys/cms.ts';
import { eraseDevice } from '../../transfer/erase/erase.ts';
import { writeParity } from '../../transfer/parity/parity.ts';
import { unloadRepaired } from '../../transfer/unload/unload-with-repair.ts';
import type { KnownSeal } from '../../transfer/verify/known-seal.ts';
import { readSeal, reopenVolume, sealVolume } from '../../transfer/verify/seal.ts';
import { verifyVolume } from '../../transfer/verify/verify.ts';
import { isBlank } from '../../volume/blank.ts';
import { homesOf } from '../../volume/copies.ts';
import { BAG_PLACES, type Canary, LIES, lie, makeCanary, SEALED_PLACES } from '../device-lies.ts';
import { seededBytes, snapshot } from '../trees.ts';
import { type VolumeWorld, volumeWorld } from '../volume-world.ts';
import type { Scenario } from './scenario.ts';
import { rounds } from './story.ts';

/** A device that came back, what the console knows of it, and what the site had sent. */
interface Returned {
  world: VolumeWorld;
  known: KnownSeal;
  sealedAt: string;
  /** The device as it was sealed before it was reopened. */
  earlier: string;
  sent: Map<string, string>;
  canary: Canary;
}

/** A prime: so many rounds as there are pairs of a place and a lie try each pair once. */
const STEP = 157;
const PAIRS = {
  sealed: SEALED_PLACES.flatMap((place) => Object.keys(LIES).map((kind) => ({ place, kind }))),
  bag: BAG_PLACES.flatMap((place) => Object.keys(LIES).map((kind) => ({ place, kind }))),
};

export const lyingDevices: Scenario = {
  name: 'lying devices',
  about:
    'devices come back with links, pipes, nodes, loops and endless files in any place, swapped and damaged copies, older seals and seals of another authority; nothing of the host around them changes, nothing wrong is called right, and nothing is erased that has not arrived',
  factor: 1,
  async run({ seed, rounds: count, say }) {
    const totals = { devices: 0, refused: 0, reported: 0, whole: 0, erased: 0 };
    await rounds({ seed, rounds: count, name: 'lying devices' }, async ({ dir, random }) => {
      const at = seed * 7919 + totals.devices;
      totals.devices += 1;
      const kind = at % 3 === 2 ? 'bag' : 'sealed';
      const returned = await comeBack(kind, dir, random);
      const told = tellLies(returned, at, random);
      try {
        await judge(returned, totals);
      } catch (error) {
        const why = error instanceof Error ? error.message : error;
        throw new Error(`${told.join('; ')}: ${why}`, { cause: error });
      }
      say(told.join('; '));
    });
    return totals;
  },
};

async function comeBack(
  kind: 'sealed' | 'bag',
  dir: string,
  random: () => number,
): Promise<Returned> {
  const world = await volumeWorld(kind, dir);
  const file = (name: string) => {
    mkdirSync(dirname(join(world.source, name)), { recursive: true });
    const bytes = Math.floor(random() * 4000);
    writeFileSync(join(world.source, name), seededBytes(Math.floor(random() * 1e9), bytes));
  };
  for (const name of ['old/1', 'old/2', 'changes']) file(name);
  const withParity = kind === 'sealed' && random() < 0.7;
  const fill = async () => {
    await world.load();
    if (withParity) await writeParity({ ...world, percent: 50, workers: 0 });
    return sealVolume(world);
  };
  await fill();
  const earlier = join(dir, 'earlier');
  cpSync(world.deviceDir, earlier, { recursive: true });
  await reopenVolume(world);
  for (const name of ['new/1', 'changes']) file(name);
  const { sealDigest, objects, bytes, sealedAt } = await fill();
  const known = { sealDigest, objects, bytes };
  const canary = makeCanary(join(dir, 'host'));
  return { world, known, sealedAt, earlier, sent: snapshot(world.source), canary };
}

/** Every other device has one lie of the table, in turn; the others have some of any sort. Returns what they are. */
function tellLies(returned: Returned, at: number, random: () => number): string[] {
  const { world, canary } = returned;
  const pairs = PAIRS[world.label.kind];
  const chosen = at % 2 === 0 ? (at / 2) * STEP : Math.floor(random() * pairs.length);
  const pair = pairs[chosen % pairs.length];
  assert(pair, 'there is a pair');
  const told: string[] = [];
  if (at % 2 === 1) {
    for (let more = 1 + Math.floor(random() * 3); more > 0; more -= 1) {
      const [name, forge] = pick(Object.entries(FORGERIES), random);
      forge(returned, random);
      told.push(name);
    }
    if (random() < 0.5) return told;
  }
  lie(world.deviceDir, pair.place, pair.kind, canary);
  return [...told, `${pair.kind} as ${pair.place}`];
}

const pick = <T>(list: readonly T[], random: () => number): T =>
  list[Math.floor(random() * list.length)] as T;

const FORGERIES: Record<string, (returned: Returned, random: () => number) => void> = {
  'an earlier seal': ({ world, earlier }) => {
    for (const path of [...homesOf('seal.bin'), ...homesOf('seal.cms')])
      cpSync(join(earlier, path), join(world.deviceDir, path));
  },
  'an earlier seal in one of its places': ({ world, earlier }, random) => {
    const i = Math.floor(random() * homesOf('seal.bin').length);
    for (const paths of [homesOf('seal.bin'), homesOf('seal.cms')])
      cpSync(join(earlier, paths[i] ?? ''), join(world.deviceDir, paths[i] ?? ''));
  },
  'all of an earlier state': ({ world, earlier }) => {
    rmSync(world.deviceDir, { recursive: true });
    cpSync(earlier, world.deviceDir, { recursive: true });
  },
  'a file of an earlier state': ({ world, earlier }, random) => {
    const path = pick(filesOf(earlier), random);
    mkdirSync(dirname(join(world.deviceDir, path)), { recursive: true });
    cpSync(join(earlier, path), join(world.deviceDir, path));
  },
  'two files that changed places': ({ world: { deviceDir } }, random) => {
    const files = filesOf(deviceDir);
    const [one, other] = [pick(files, random), pick(files, random)].map((path) =>
      join(deviceDir, path),
    );
    if (!one || !other) return;
    const content = readFileSync(one);
    writeFileSync(one, readFileSync(other));
    writeFileSync(other, content);
  },
  'a bit': ({ world: { deviceDir } }, random) => {
    const path = join(deviceDir, pick(filesOf(deviceDir), random));
    const content = readFileSync(path);
    const index = Math.floor(random() * content.length);
    if (content.length > 0) content[index] = (content[index] ?? 0) ^ 1;
    writeFileSync(path, content);
  },
  'a file that became shorter or longer': ({ world: { deviceDir } }, random) => {
    const path = join(deviceDir, pick(filesOf(deviceDir), random));
    truncateSync(path, Math.floor(random() * 2 * readFileSync(path).length));
  },
  'a seal signed by another authority': ({ world: { deviceDir } }) => {
    const content = readFileSync(join(deviceDir, 'waybill/seal.bin'));
    const der = signCms({ content, ...foreignSigner, detached: true, now: new Date() });
    for (const path of homesOf('seal.cms')) writeFileSync(join(deviceDir, path), der);
  },
};

const foreignSigner = await issueJobCertificate(
  await createAuthority({ name: 'Another installation', now: new Date() }),
  {
    jobId: 'JID00000000-0000-4000-8000-000000000001',
    deviceId: 'DEV-1',
    now: new Date(),
    days: 30,
  },
);

/** The regular files of a small tree, relative, in a fixed order. */
const filesOf = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .filter((path) => !path.includes('lock'))
    .sort();

type Totals = Record<'refused' | 'reported' | 'whole' | 'erased', number>;

/** Does with a device what a site and a station do, and holds each of them to what it says. */
async function judge(returned: Returned, totals: Totals): Promise<void> {
  const { world, known, sent, canary } = returned;
  const { deviceDir, label, jobKey, dir } = world;
  const caPem = world.authority.certificatePem;
  const spec = { deviceDir, label, jobKey, caPem, workers: 0 };
  const typed = async <T>(what: string, work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!isWaybillError(error)) throw new Error(`${what}: ${error}`, { cause: error });
      return undefined;
    } finally {
      canary.check();
    }
  };
  const { sealDigest } = known;
  const knownStates = [{ by: 'the console', sealDigest, sealedAt: returned.sealedAt }];
  const verified = await typed('verify', () => verifyVolume({ ...spec, full: true, knownStates }));
  const tree = join(dir, 'restored');
  mkdirSync(tree);
  const restoring = { known, target: { kind: 'tree', root: tree } as const };
  const restored = await typed('restore', () =>
    unloadRepaired(world.unloadOptions({ ...restoring, stateDir: join(dir, 'restore-state') })),
  );
  checkArrived(snapshot(tree), sent, restored?.summary.outcome === 'succeeded', 'restored');
  const result = await typed('import', () => unloadRepaired(world.unloadOptions({ known })));
  const isWhole = result?.summary.outcome === 'succeeded';
  checkArrived(snapshot(world.bucketDir), sent, isWhole, 'imported');
  if (verified?.intact) assert(isWhole, 'what verify calls intact arrives');
  if (!result) totals.refused += 1;
  else if (isWhole) totals.whole += 1;
  else totals.reported += 1;
  const seal = await typed('seal', () => readSeal({ ...spec, known }));
  const isProved = seal?.digest === known.sealDigest;
  if (isWhole) assert(isProved, 'only the sealed state that is known is imported');
  // Whether it is erased for its arrival, or by force because nothing else can become of it: nothing else goes.
  const proof = isProved ? { volumeId: label.volumeId, sealDigest } : undefined;
  const stateDir = join(dir, 'erase-state');
  const erased = await typed('erase', () => eraseDevice({ deviceDir, stateDir, proof }));
  if (!erased) return;
  assert(isBlank(deviceDir), 'what was erased is blank');
  totals.erased += 1;
}

/** What is there is what was sent, and all of it where that was said. */
function checkArrived(
  there: Map<string, string>,
  sent: Map<string, string>,
  isSaidWhole: boolean,
  what: string,
): void {
  for (const [key, digest] of there)
    if (!key.endsWith('/')) assert.equal(digest, sent.get(key), `${key} is ${what} as it was sent`);
  if (!isSaidWhole) return;
  for (const key of sent.keys()) assert(there.has(key), `${key} is ${what}, as is said`);
}
