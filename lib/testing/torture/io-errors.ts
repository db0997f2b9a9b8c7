import assert from 'node:assert/strict';
import { WaybillError } from '../../domain/errors.ts';
import { errnoError, type FaultLayer, type FsCall, withFaults } from './fault-fs.ts';
import { both, kindOf, rootsOf } from './kill/kill.ts';
import type { Scenario } from './scenario.ts';
import { rounds, STAGES, type Story, tellStory } from './story.ts';

/** What a system says, and how: for one call, or for every call from then on. */
const TROUBLES = [
  { errno: 'EIO', lasts: false },
  { errno: 'EIO', lasts: true },
  { errno: 'ENOSPC', lasts: true },
  { errno: 'EDQUOT', lasts: true },
  { errno: 'EROFS', lasts: true },
  { errno: 'ENOENT', lasts: true },
  { errno: 'EMFILE', lasts: false },
  { errno: 'EMFILE', lasts: true },
  { errno: 'ENODEV', lasts: true },
] as const;
type Trouble = (typeof TROUBLES)[number];

/** Calls that a full or write-protected file system refuses; the others go on working there. */
const WRITES = ['open', 'mkdir', 'write', 'writev', 'fsync', 'ftruncate', 'writeFile', 'rename'];
const isWriting = ({ name, args }: FsCall): boolean =>
  WRITES.includes(name) &&
  !(name === 'open' && (args[1] === 'r' || args[1] === undefined || isReadFlag(args[1])));
const isReadFlag = (flags: unknown): boolean => typeof flags === 'number' && (flags & 3) === 0;

function applies({ errno }: Trouble, call: FsCall): boolean {
  if (call.name === 'exists' || call.name === 'close') return false;
  if (errno === 'EMFILE') return ['open', 'readdir', 'readFile', 'writeFile'].includes(call.name);
  if (errno === 'ENOSPC' || errno === 'EDQUOT' || errno === 'EROFS') return isWriting(call);
  return true;
}

/** Fails the n-th call that a trouble can hit below a root. */
function failAt(n: number, root: string, trouble: Trouble): FaultLayer & { hits: number } {
  let seen = 0;
  const layer = {
    hits: 0,
    before: (call: FsCall) => {
      if (call.path !== root && !call.path.startsWith(`${root}/`)) return undefined;
      if (!applies(trouble, call)) return undefined;
      seen += 1;
      if (seen < n || (seen > n && !trouble.lasts)) return undefined;
      layer.hits += 1;
      throw errnoError(trouble.errno, call);
    },
  };
  return layer;
}

/** Reads and writes that do less than they were asked for. */
function shortCalls(random: () => number): FaultLayer {
  return {
    before: ({ name }) =>
      ['read', 'write', 'writev'].includes(name) && random() < 0.3
        ? 1 + Math.floor(random() * 2000)
        : undefined,
  };
}

/** A disk that now and then takes longer for a call than the clock of its file system takes for a tick. */
function slowCalls(random: () => number): FaultLayer {
  let patience = random() < 0.2 ? 100 : 0;
  const still = new Int32Array(new SharedArrayBuffer(4));
  return {
    before: () => {
      if (patience <= 0 || random() > 0.03) return undefined;
      const ms = Math.min(patience, 1 + random() * 60);
      patience -= ms;
      Atomics.wait(still, 0, 0, ms);
      return undefined;
    },
  };
}

/** A clock that jumps by years, back and forth. */
async function withJumpingClock<T>(random: () => number, work: () => Promise<T>): Promise<T> {
  const { now } = Date;
  Date.now = () => now() + Math.floor((random() - 0.5) * 4 * 365 * 86_400_000);
  try {
    return await work();
  } finally {
    Date.now = now;
  }
}

/** Lets device, source, store or the host's own disk fail. */
export const ioErrors: Scenario = {
  name: 'I/O errors',
  about:
    'EIO, ENOSPC, EDQUOT, EROFS, ENOENT and ENODEV of a pulled disk, EMFILE, short reads and writes, a slow disk, a clock that jumps: each ends in a typed error or a report, and the same command afterwards gives the result of an undisturbed run',
  factor: 2,
  async run({ seed, rounds: count }) {
    const totals = { errors: 0, refused: 0, reported: 0, unharmed: 0 };
    await rounds({ seed, rounds: count, name: 'I/O errors' }, async (round) => {
      const { random, dir, seed: own } = round;
      const story = await tellStory(kindOf(random), dir, own);
      const victim = STAGES[Math.floor(random() * STAGES.length)];
      await withJumpingClock(random, async () => {
        for (const stage of STAGES) {
          if (stage === victim) await disturb(story, stage, random, totals);
          const disk = both(slowCalls(random), shortCalls(random));
          const layer = both(disk, story.counting);
          await withFaults(rootsOf(story), layer, () => story.run(stage));
        }
      });
      story.check();
    });
    return totals;
  },
};

/** What a stage touches. */
const PLACES = {
  load: ['device', 'source', 'state'],
  parity: ['device'],
  verify: ['device'],
  seal: ['device'],
  unload: ['device', 'store', 'unload-state'],
} as const;

async function disturb(
  story: Story,
  stage: (typeof STAGES)[number],
  random: () => number,
  totals: Record<'errors' | 'refused' | 'reported' | 'unharmed', number>,
): Promise<void> {
  const trouble = TROUBLES[Math.floor(random() * TROUBLES.length)];
  const roots = rootsOf(story);
  const places = PLACES[stage];
  const place = places[Math.floor(random() * places.length)];
  assert(trouble && place);
  const root = `${story.world.dir}/${place}`;
  const layer = failAt(1 + Math.floor(random() ** 3 * 80), root, trouble);
  try {
    await withFaults(roots, both(layer, story.counting), () => story.run(stage));
    totals.unharmed += 1;
  } catch (error) {
    // The stage's own assertion: the command ended with a report that names objects.
    if (error instanceof assert.AssertionError) totals.reported += 1;
    else if (error instanceof WaybillError) totals.refused += 1;
    else {
      const where = `${trouble.errno} at ${stage} below ${root.slice(story.world.dir.length)}`;
      throw new Error(`${where} ended in ${error}`, { cause: error });
    }
  }
  totals.errors += layer.hits > 0 ? 1 : 0;
}
