import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** House rules that can be checked are checked here. Each failure names file and line and what to do instead. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
const files = listed.stdout.split('\n').filter((file) => file && existsSync(join(ROOT, file)));
const sources = files.filter((file) => /\.(ts|tsx)$/.test(file));
const isTest = (file: string) =>
  /\.(test|spec)\.tsx?$/.test(file) || /^(e2e|lib\/testing)\//.test(file);
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** An import goes to a strictly lower rank or stays in its folder. */
const RANKS: Record<string, number> = {
  'lib/domain': 0,
  // Below whatever keeps something on a disk; it throws the errors of the domain.
  'lib/files': 0.5,
  'lib/keys': 1,
  'lib/stores': 1,
  'lib/api': 1,
  'lib/processing': 2,
  'lib/volume': 2,
  'lib/transfer': 3,
  'lib/server': 4,
  'lib/aws': 5,
  app: 6,
  agent: 6,
};
/** What ranks do not express: the console moves no data, and the agent works without it. */
const NEVER: [from: string, to: string][] = [
  ['lib/server', 'lib/volume'],
  ['lib/server', 'lib/transfer'],
  ['app', 'lib/volume'],
  ['app', 'lib/transfer'],
  ['agent', 'lib/server'],
  ['agent', 'lib/aws'],
];

const folderOf = (file: string): string =>
  Object.keys(RANKS).find((folder) => file.startsWith(`${folder}/`)) ?? dirname(file);

function importsOf(file: string): { target: string; line: number }[] {
  return read(file)
    .split('\n')
    .flatMap((text, i) => {
      const match = /(?:\bfrom|^import|\bimport\()\s*'(\.[^']+\.[a-z]+)'/.exec(text);
      return match?.[1] ? [{ target: normalize(join(dirname(file), match[1])), line: i + 1 }] : [];
    });
}

/** Lines of product code that match, as "file:line text". */
function found(pattern: RegExp, except: (file: string) => boolean = () => false): string[] {
  return sources
    .filter((file) => !isTest(file) && !except(file))
    .flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((text, i) => (pattern.test(text) ? [`${file}:${i + 1} ${text.trim()}`] : [])),
    );
}

describe('imports', () => {
  test('go down the ranks', () => {
    const wrong = sources
      .filter((file) => !isTest(file))
      .flatMap((file) =>
        importsOf(file).flatMap(({ target, line }) => {
          const [from, to] = [folderOf(file), folderOf(target)];
          const up =
            from !== to && from in RANKS && to in RANKS && (RANKS[to] ?? 0) >= (RANKS[from] ?? 0);
          const banned = NEVER.some(([a, b]) => a === from && b === to);
          const harness = to === 'lib/testing';
          return up || banned || harness ? [`${file}:${line} imports ${target}`] : [];
        }),
      );
    expect(wrong).toEqual([]);
  });

  test('name files that are there', () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter(({ target }) => !existsSync(join(ROOT, target)))
        .map(({ target, line }) => `${file}:${line} ${target}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('files', () => {
  test('have at most 400 lines', () => {
    const long = sources.filter((file) => read(file).split('\n').length > 401);
    expect(long).toEqual([]);
  });

  test('are named after what they are about', () => {
    const vague = /(^|\/)(utils?|helpers?|types|index|common|misc)\.tsx?$/;
    expect(sources.filter((file) => vague.test(file))).toEqual([]);
  });

  test('of prose have one title', () => {
    const wrong = files
      .filter((file) => file.endsWith('.md'))
      .filter((file) => {
        const prose = read(file).replace(/```[\s\S]*?```/g, '');
        return (prose.match(/^# /gm) ?? []).length !== 1;
      });
    expect(wrong).toEqual([]);
  });
});

describe('code', () => {
  test('has no `any`, no double assertion, nothing left to do', () => {
    expect(found(/: any\b(?! \w)|<any>|as any\b/)).toEqual([]);
    expect(found(/as unknown as/)).toEqual([]);
    expect(found(/TODO|FIXME|XXX/)).toEqual([]);
  });

  test('throws errors of the table, or invariants', () => {
    const own = /^lib\/domain\/invariant\.ts$|^lib\/transfer\/pool\.ts$/;
    expect(found(/throw new Error\(/, (file) => own.test(file))).toEqual([]);
  });

  test('publishes to a device in one file only', () => {
    const inVolume = (file: string) => !file.startsWith('lib/volume/');
    expect(found(/renameSync\(/, inVolume)).toEqual([]);
  });
});
