import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { basename, join } from 'node:path';
import { sealVolume } from '../../transfer/verify/seal.ts';
import { seededBytes, snapshot } from '../trees.ts';
import { volumeWorld } from '../volume-world.ts';
import { type FaultLayer, withFaults } from './fault-fs.ts';
import { kindOf } from './kill/kill.ts';
import type { Scenario } from './scenario.ts';
import { rounds } from './story.ts';

type Change = (path: string, random: () => number) => void;

/** What may happen to a file of the source at any moment. */
const CHANGES: Record<string, Change> = {
  grows: (path, random) => fs.appendFileSync(path, seededBytes(Math.floor(random() * 1e9), 800)),
  shrinks: (path, random) => fs.truncateSync(path, Math.floor(random() * fs.statSync(path).size)),
  'is overwritten': (path, random) =>
    fs.writeFileSync(path, seededBytes(Math.floor(random() * 1e9), fs.statSync(path).size)),
  'is replaced': (path, random) => {
    fs.writeFileSync(`${path}.new`, seededBytes(Math.floor(random() * 1e9), 1500));
    fs.renameSync(`${path}.new`, path);
  },
  vanishes: (path) => fs.rmSync(path, { force: true }),
  'becomes a folder': (path) => {
    fs.rmSync(path, { force: true });
    fs.mkdirSync(path, { recursive: true });
  },
  'becomes a link': (path) => {
    fs.rmSync(path, { force: true });
    fs.symlinkSync('/etc/hostname', path);
  },
};

/** Changes files of the source while they are opened and read. */
export const movingSource: Scenario = {
  name: 'moving source',
  about:
    'files grow, shrink, are overwritten, replaced, deleted or turned into something else while they are read: what lands is what one moment of the file was, and everything else is reported',
  factor: 2,
  async run({ seed, rounds: count }) {
    const totals = { changes: 0, landed: 0, reported: 0 };
    await rounds({ seed, rounds: count, name: 'moving source' }, async ({ random, dir }) => {
      const world = await volumeWorld(kindOf(random), dir);
      for (let i = 0; i < 8; i += 1) {
        const bytes = i === 0 ? 2_500_000 : Math.floor(random() * 4000);
        fs.writeFileSync(
          join(world.source, `f${i}`),
          seededBytes(Math.floor(random() * 1e9), bytes),
        );
      }
      const states = new Map<string, Set<string>>();
      const remember = (path: string) => {
        const stat = fs.lstatSync(path, { throwIfNoEntry: false });
        if (!stat?.isFile()) return;
        const name = basename(path);
        const digest = createHash('sha256').update(fs.readFileSync(path)).digest('hex');
        states.set(name, (states.get(name) ?? new Set()).add(digest));
      };
      for (const name of fs.readdirSync(world.source)) remember(join(world.source, name));
      const busy = 0.1 + random() * 0.4;
      const layer: FaultLayer = {
        after: ({ name, path }) => {
          if (!['open', 'read', 'fstat'].includes(name) || random() > busy) return;
          if (!fs.lstatSync(path, { throwIfNoEntry: false })?.isFile()) return;
          const all = Object.values(CHANGES);
          all[Math.floor(random() * all.length)]?.(path, random);
          totals.changes += 1;
          remember(path);
        },
      };
      const loaded = await withFaults([world.source], layer, () => world.load());
      const codes = loaded.problems.map(({ code }) => code);
      for (const code of codes) {
        const known = [
          'ObjectChanged',
          'ObjectVanished',
          'UnsupportedFileType',
          'ObjectUnreadable',
        ];
        assert(known.includes(code), `${code} is a fitting report`);
      }
      await sealVolume(world);
      await world.unload();
      const stored = snapshot(world.bucketDir);
      for (const [name, digest] of stored) {
        assert(states.get(name)?.has(digest), `${name} is what the file once was`);
      }
      assert.equal(stored.size + codes.length, 8, 'each object landed or was reported');
      totals.landed += stored.size;
      totals.reported += codes.length;
    });
    return totals;
  },
};
