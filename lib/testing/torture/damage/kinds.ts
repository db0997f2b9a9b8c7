import { CATALOG_DIR, SEALED_FRAME_BYTES, SEGMENTS_DIR } from '../../../volume/layout.ts';
import { seededBytes } from '../../trees.ts';
import type { Victim } from './victim-volume.ts';

/** What is done to a device: new contents by path; undefined is a file that is gone. */
export interface Change {
  what: string;
  files: Map<string, Buffer | undefined>;
  /** How something else lies there: in place of a file that is gone, or a hole behind the end of one that is not. */
  lies?: 'folder' | 'link' | 'pipe' | 'grown';
}

type Random = () => number;
const below = (random: Random, n: number): number => Math.floor(random() * n);

function pick<T>(random: Random, from: readonly T[]): T {
  const found = from[below(random, from.length)];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
}

/** Any file of the device; each kind of file is as likely as the others, whatever their numbers. */
function anyFile(victim: Victim, random: Random): string {
  const paths = [...victim.files.keys()];
  const groups = [
    paths.filter((path) => path.startsWith(`${SEGMENTS_DIR}/`)),
    paths.filter((path) => path.startsWith(`${CATALOG_DIR}/`)),
    paths.filter((path) => path.startsWith('data/')),
    paths.filter((path) => /^waybill\/(seal|label)/.test(path)),
    paths.filter((path) => path.startsWith('waybill/copy-')),
    paths.filter((path) => !path.includes('/')),
  ];
  return pick(
    random,
    pick(
      random,
      groups.filter((group) => group.length > 0),
    ),
  );
}

/** A position; often near what separates one thing from the next. */
function anyOffset(random: Random, length: number): number {
  const edges = [0, 8, 64, 64 + SEALED_FRAME_BYTES, 64 + 2 * SEALED_FRAME_BYTES, length - 16];
  const near = pick(random, edges) + below(random, 3) - 1;
  const at = random() < 0.3 && near >= 0 && near < length ? near : below(random, length);
  return Math.min(at, length);
}

type OneFile = (
  content: Buffer,
  random: Random,
  victim: Victim,
  path: string,
) => Buffer | undefined;

const ONE_FILE: Record<string, OneFile> = {
  'flip a bit': (content, random) => {
    if (content.length === 0) return Buffer.from([1]);
    const at = anyOffset(random, content.length);
    const changed = Buffer.from(content);
    changed[at] = (changed[at] ?? 0) ^ (1 << below(random, 8));
    return changed;
  },
  'zero a range': (content, random) => {
    const from = anyOffset(random, content.length);
    return Buffer.from(content).fill(
      0,
      from,
      Math.min(content.length, from + 1 + below(random, 5000)),
    );
  },
  'write over a range': (content, random) => {
    const changed = Buffer.from(content);
    seededBytes(below(random, 1e9), 1 + below(random, 600)).copy(
      changed,
      anyOffset(random, content.length),
    );
    return changed;
  },
  truncate: (content, random) => content.subarray(0, anyOffset(random, content.length)),
  'cut off at a frame': (content, random) =>
    content.subarray(0, 64 + SEALED_FRAME_BYTES * (1 + below(random, 2))),
  empty: () => Buffer.alloc(0),
  zero: (content) => Buffer.alloc(content.length),
  extend: (content, random) =>
    Buffer.concat([content, seededBytes(below(random, 1e9), 1 + below(random, 40))]),
  'extend by a copy of its end': (content, random) =>
    Buffer.concat([content, content.subarray(anyOffset(random, content.length))]),
  'swap two ranges': (content, random) => {
    const [a, b] = [below(random, content.length), below(random, content.length)].sort(
      (x, y) => x - y,
    ) as [number, number];
    const length = Math.min(b - a, content.length - b, 1 + below(random, SEALED_FRAME_BYTES));
    const changed = Buffer.from(content);
    content.copy(changed, a, b, b + length);
    content.copy(changed, b, a, a + length);
    return changed;
  },
  'swap the first two frames': (content) => {
    if (content.length < 64 + 2 * SEALED_FRAME_BYTES) return Buffer.from(content).reverse();
    const frame = (i: number) =>
      content.subarray(64 + i * SEALED_FRAME_BYTES, 64 + (i + 1) * SEALED_FRAME_BYTES);
    return Buffer.concat([
      content.subarray(0, 64),
      ...[frame(1), frame(0)],
      content.subarray(64 + 2 * SEALED_FRAME_BYTES),
    ]);
  },
  delete: () => undefined,
  'roll back': (content, _random, victim, path) => victim.earlier.get(path) ?? content,
};

/** Chooses a damage. The same random numbers give the same damage. */
export function chooseDamage(victim: Victim, random: Random): Change {
  const choice = random();
  if (choice < 0.08) return swapFiles(victim, random);
  if (choice < 0.16) return duplicate(victim, random);
  if (choice < 0.22) return rollBackAny(victim, random);
  if (choice < 0.24) return rollBackSeal(victim);
  if (choice < 0.36) return putSomethingElse(victim, random);
  if (choice < 0.42) return addStray(random);
  const name = pick(random, Object.keys(ONE_FILE));
  const path = anyFile(victim, random);
  const content = victim.files.get(path) ?? Buffer.alloc(0);
  const changed = ONE_FILE[name]?.(content, random, victim, path);
  return { what: `${name}: ${path}`, files: new Map([[path, changed]]) };
}

function swapFiles(victim: Victim, random: Random): Change {
  const [a, b] = [anyFile(victim, random), anyFile(victim, random)];
  return {
    what: `swap ${a} and ${b}`,
    files: new Map([
      [a, victim.files.get(b)],
      [b, victim.files.get(a)],
    ]),
  };
}

function duplicate(victim: Victim, random: Random): Change {
  const numbered = [...victim.files.keys()].filter((path) => /\d{6}\.(seg|cat)$/.test(path));
  const from = pick(random, numbered);
  const six = String(1 + below(random, 9)).padStart(6, '0');
  const to = from.replace(/\d{6}(?=\.(seg|cat)$)/, six);
  return { what: `copy ${from} to ${to}`, files: new Map([[to, victim.files.get(from)]]) };
}

function rollBackAny(victim: Victim, random: Random): Change {
  const path = pick(random, [...victim.earlier.keys()]);
  return { what: `roll back ${path}`, files: new Map([[path, victim.earlier.get(path)]]) };
}

function putSomethingElse(victim: Victim, random: Random): Change {
  const path = anyFile(victim, random);
  const lies = pick(random, ['folder', 'link', 'pipe', 'grown', 'grown'] as const);
  const content = lies === 'grown' ? victim.files.get(path) : undefined;
  return { what: `${lies}: ${path}`, files: new Map([[path, content]]), lies };
}

function addStray(random: Random): Change {
  const number = String(50 + below(random, 50)).padStart(6, '0');
  const path = pick(random, [
    `waybill/catalog/${number}.cat`,
    `waybill/segments/000000/${number}.seg`,
    `waybill/parity/${number}-0.par`,
    'waybill/copy-1/notes.txt',
    'waybill/load.bin',
  ]);
  const content = seededBytes(below(random, 1e9), 1 + below(random, 2000));
  return { what: `stray: ${path}`, files: new Map([[path, content]]) };
}

/** An old seal is a valid one; its copies are later. */
function rollBackSeal({ earlier }: Victim): Change {
  const paths = ['waybill/seal.bin', 'waybill/seal.cms'];
  return {
    what: 'roll back seal and signature',
    files: new Map(paths.map((path) => [path, earlier.get(path)])),
  };
}
