import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isWaybillError } from '../../../domain/errors.ts';
import type { UnloadResult } from '../../../transfer/unload/unload.ts';
import { verifyVolume } from '../../../transfer/verify/verify.ts';
import { isLabelOf, readLabel } from '../../../volume/label.ts';
import { snapshot } from '../../trees.ts';
import { withFaults } from '../fault-fs.ts';
import type { Scenario } from '../scenario.ts';
import { rounds } from '../story.ts';
import { type Expectation, expect } from './expected-loss.ts';
import { type Change, chooseDamage } from './kinds.ts';
import { makeVictim, type Victim } from './victim-volume.ts';

/** Damages done to one volume before another one is made. */
const A_VOLUME = 100;
/** `verify` asks the system to forget the device's files, which takes longer than all the rest. */
const VERIFY_EVERY = 25;

interface Counts extends Record<string, number> {
  damages: number;
  reported: number;
  harmless: number;
  verified: number;
  undetected: number;
}

export const damage: Scenario = {
  name: 'damage',
  about:
    'bits flipped, ranges zeroed and swapped, files cut, extended, grown, swapped, doubled, rolled back, deleted and replaced by what is no file, strays: nothing is refused, no wrong byte reaches the store, exactly the objects that were hit are named, and all others land',
  factor: 50,
  async run({ seed, rounds: count, say }) {
    const counts: Counts = {
      damages: 0,
      reported: 0,
      harmless: 0,
      verified: 0,
      undetected: 0,
    };
    const volumes = Math.ceil(count / A_VOLUME);
    await rounds({ seed, rounds: volumes, name: 'damage' }, async ({ random, dir }) => {
      const victim = await makeVictim(random() < 0.7 ? 'sealed' : 'bag', dir, random);
      // What is asked of the disk of the store does not matter here; `sync` would take longer than all the rest.
      await withFaults([victim.world.bucketDir], {}, () =>
        damageAll(victim, random, count, counts),
      );
      say(`${counts.damages} damages`);
    });
    return counts;
  },
};

async function damageAll(
  victim: Victim,
  random: () => number,
  count: number,
  counts: Counts,
): Promise<void> {
  await unloadInto(victim, { what: 'nothing', files: new Map() }, counts);
  for (let i = 0; i < A_VOLUME && counts.damages < count; i += 1) {
    const change = chooseDamage(victim, random);
    try {
      await damageOnce(victim, change, counts, i % VERIFY_EVERY === 0);
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      throw new Error(`${victim.kind} volume, damage ${i} (${change.what}): ${why}`, {
        cause: error,
      });
    }
  }
}

async function damageOnce(
  victim: Victim,
  change: Change,
  counts: Counts,
  verify: boolean,
): Promise<void> {
  apply(victim, change);
  counts.damages += 1;
  await unloadInto(victim, change, counts);
  if (verify) await verifyNames(victim, change, counts);
  const before = [...change.files.keys()].map((path) => [path, victim.files.get(path)] as const);
  apply(victim, { files: new Map(before) });
}

function apply({ world }: Victim, { files, lies }: Pick<Change, 'files' | 'lies'>): void {
  for (const [path, content] of files) {
    const full = join(world.deviceDir, path);
    rmSync(full, { recursive: true, force: true });
    mkdirSync(dirname(full), { recursive: true });
    if (content) writeFileSync(full, content);
    if (lies === 'grown') truncateSync(full, 2 ** 40);
    else if (lies === 'folder') mkdirSync(full);
    else if (lies === 'link') symlinkSync(world.source, full);
    else if (lies === 'pipe') assert.equal(spawnSync('mkfifo', [full]).status, 0);
  }
}

async function unloadInto(victim: Victim, change: Change, counts: Counts): Promise<void> {
  const { world, source } = victim;
  for (const path of [world.bucketDir, join(world.dir, 'unload-state')])
    rmSync(path, { recursive: true, force: true });
  mkdirSync(world.bucketDir);
  const expected = expect(victim, change);
  // Damage of one file never refuses a volume: label and seal lie there three times.
  const result = await world.unload({ label: readLabel(world.deviceDir, isLabelOf(world.label)) });
  const stored = snapshot(world.bucketDir);
  for (const [key, digest] of stored)
    assert.equal(digest, source.get(key), `the store has the source's bytes of ${key}`);
  checkReport(victim, expected, result, stored);
  if (result.summary.failed > 0) counts.reported += 1;
  else counts.harmless += 1;
}

/** The others land, and the report names each object that was hit with its place. */
function checkReport(
  { source, kind }: Victim,
  expected: Expectation,
  { summary, files }: UnloadResult,
  stored: Map<string, string>,
): void {
  const missing = [...expected.hit.keys(), ...expected.lost].sort();
  const wanted = [...source.keys()].filter((key) => !missing.includes(key.toString()));
  assert.deepEqual([...stored.keys()].sort(), wanted.sort(), 'all other objects land');
  assert.equal(summary.failed, missing.length, 'each object that is missing is counted');
  assert.equal(summary.outcome === 'succeeded', missing.length === 0, summary.outcome);
  const rows = readFileSync(files['failure.csv'], 'utf8').split('\r\n').slice(1, -1);
  const named = rows.filter((row) => !row.startsWith(',')).map((row) => row.split(',')[0] ?? '');
  assert.deepEqual(named.sort(), [...expected.hit.keys()].sort(), 'exactly the objects hit');
  for (const [key, says] of expected.hit) {
    const row = rows.find((each) => each.startsWith(`${key},`)) ?? '';
    assert.match(row, says, `${kind}: the place of the damage`);
  }
  for (const page of expected.pages)
    assert(
      rows.some((row) => row.includes(`PageDamaged`) && new RegExp(`\\b${page}\\b`).test(row)),
      `page ${page} is named`,
    );
}

/** With the authority's certificate `verify` compares the catalog with the seal. */
async function verifyNames(victim: Victim, change: Change, counts: Counts): Promise<void> {
  const { world, kind } = victim;
  const expected = expect(victim, change);
  counts.verified += 1;
  try {
    const caPem = world.authority.certificatePem;
    const { problems, damaged, damagedSegments } = await verifyVolume({
      ...world,
      caPem,
      workers: 0,
    });
    for (const page of expected.pages)
      assert(damagedSegments.includes(page), 'verify finds the page');
    if (kind === 'bag') return;
    if (expected.hit.size > 0) assert(damaged > 0, 'a damaged segment is found');
    const named = problems.map(({ key }) => key);
    for (const key of expected.hit.keys()) assert(named.includes(key), `verify names ${key}`);
  } catch (error) {
    if (!isWaybillError(error, 'PageDamaged')) throw error;
    assert(expected.pages.includes(Number(error.facts.page)), 'the page that is damaged is named');
  }
}
