import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseChange } from '../launch/changes/change.ts';
import { checkoutFiles, ROOT } from './source-files.ts';

/** House rules that can be checked are checked here. Each failure names file and line and what to do instead. */

const files = checkoutFiles();
const sources = files.filter((file) => /\.(ts|tsx)$/.test(file));
const isTest = (file: string) =>
  /\.(test|spec)\.tsx?$/.test(file) || /^(e2e|lib\/testing)\//.test(file);
/** They become lines of the changelog, and have a kind in place of a title. */
const isChange = (file: string) => file.startsWith('lib/changes/');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** An import goes to a strictly lower rank or stays in its folder. */
const RANKS: Record<string, number> = {
  'lib/domain': 0,
  // Below whatever keeps something on a disk; it throws the errors of the domain.
  'lib/files': 0.5,
  // Above the keys that it signs with; below the server, so that the agent may use it.
  'lib/signing': 1.5,
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
      .filter((file) => file.endsWith('.md') && !isChange(file))
      .filter((file) => {
        const prose = read(file).replace(/```[\s\S]*?```/g, '');
        return (prose.match(/^# /gm) ?? []).length !== 1;
      });
    expect(wrong).toEqual([]);
  });
});

describe('user-visible changes', () => {
  test('are a file each, with a kind and one or two sentences', () => {
    for (const file of files.filter(isChange)) parseChange(file, read(file));
  });

  test('reach the changelog by a release alone', () => {
    expect(read('CHANGELOG.md')).not.toMatch(/^## (?!\d+\.\d+\.\d+\S* \(\d{4}-\d\d-\d\d\)$)/m);
    const beforeReleases = read('CHANGELOG.md').split(/^## /m)[0];
    expect(beforeReleases).not.toMatch(/^[-*] /m);
  });
});

describe('code', () => {
  test('has no `any`, no double assertion, nothing left to do', () => {
    expect(found(/: any\b(?! \w)|<any>|as any\b/)).toEqual([]);
    expect(found(/as unknown as/)).toEqual([]);
    expect(found(/TODO|FIXME|XXX/)).toEqual([]);
  });

  test('spreads no literal into a literal: written out, the compiler sees a misspelt property', () => {
    expect(found(/\.\.\.\{/)).toEqual([]);
  });

  test('has a directive before everything else, or it is none', () => {
    const late = sources.filter(
      (file) =>
        /^\(?'use (client|server)'/m.test(read(file)) &&
        !/^'use (client|server)';\n/.test(read(file)),
    );
    expect(late).toEqual([]);
  });

  test('throws errors of the table, or invariants', () => {
    const own = /^lib\/domain\/invariant\.ts$/;
    expect(found(/throw new Error\(/, (file) => own.test(file))).toEqual([]);
  });

  test('reaches a device by one module only', () => {
    const wrong = sources
      .filter((file) => !isTest(file) && ON_DEVICES.some((pattern) => pattern.test(file)))
      .flatMap((file) =>
        pathCalls(file)
          .filter((name) => !NOT_ON_DEVICES[file]?.includes(name))
          .map((name) => `${file} ${name}`),
      );
    expect(wrong).toEqual([]);
    // What no file needs any more leaves the list.
    const idle = Object.entries(NOT_ON_DEVICES).flatMap(([file, names]) =>
      names.filter((name) => !pathCalls(file).includes(name)).map((name) => `${file} ${name}`),
    );
    expect(idle).toEqual([]);
  });

  test('makes no path of a device but in that module', () => {
    const own = /^lib\/files\/device(-folder)?\.ts$/;
    // It hands the names to another program, which only has the host forget what it holds of them in memory.
    const named = (file: string) => own.test(file) || file === 'lib/volume/sealed/page-cache.ts';
    expect(
      found(/(join|resolve)\((\w+\.)*#?(deviceDir|device),|`\$\{(\w+\.)*deviceDir\}\//, named),
    ).toEqual([]);
  });
});

/** Files whose paths are those of devices: whoever had the device last made what is there. */
const ON_DEVICES = [
  /^lib\/volume\//,
  /^lib\/transfer\/((archive|erase|parity|verify)\/|unload\/unload-with-repair)/,
  /^agent\/(host\/device|station\/)/,
];

/** What of these files takes a path all the same, and why that is none on a device. Else: lib/files/device.ts. */
const NOT_ON_DEVICES: Record<string, string[]> = {
  // Whether a process is there, by /proc.
  'lib/volume/lock.ts': ['readFileSync'],
  // The state that a host keeps of a job.
  'lib/transfer/erase/erase.ts': ['makeFolders', 'publish', 'readFileSync'],
  'lib/transfer/archive/archive.ts': [
    'makeFolders',
    'openSync',
    'publish',
    'readFileSync',
    'unpublish',
  ],
  // Which directory the device is, and the disk below it by /proc and /sys.
  'agent/station/device-identity.ts': ['statSync'],
  'agent/host/device-place.ts': ['readFileSync', 'realpathSync'],
  'agent/host/measure-device.ts': ['readFileSync', 'realpathSync', 'statfsSync', 'statSync'],
  'agent/station/block-device.ts': ['readdirSync', 'readFileSync', 'realpathSync', 'statSync'],
  // The host's folder in which devices are mounted.
  'agent/station/dock.ts': ['opendirSync'],
  // Reports, in the state of a job.
  'agent/station/disk-order.ts': ['createReadStream', 'createWriteStream', 'rmSync', 'statSync'],
  'agent/station/hand-in-report.ts': ['existsSync', 'openAsBlob', 'readFileSync'],
  'agent/station/imported-device.ts': ['readFileSync'],
  'agent/station/import.ts': ['createReadStream', 'statSync', 'writeFileSync'],
  'agent/station/erase-medium.ts': ['mkdirSync', 'publish', 'readFileSync'],
};

/** Calls of node:fs that take a descriptor, and what our own files give that takes no path. */
const BY_DESCRIPTOR = /^(constants|type \w+|(close|f\w+|read|readv|write|writev)Sync)$/;
const WITHOUT_PATH = ['deviceError', 'isTemporary', 'onDevice', 'temporaryOf', 'writeAll'];

/** What a file imports that opens, lists or changes something by its path. */
function pathCalls(file: string): string[] {
  const imports = read(file).matchAll(
    /import (type )?(?:\{([^}]*)\}|\* as (\w+)|(\w+)) from '([^']+)'/g,
  );
  return [...imports].flatMap(([, isType, list, ...rest]) => {
    const from = rest.at(-1) ?? '';
    if (isType) return [];
    const names = (list ?? 'all of it')
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    if (/^node:fs(\/promises)?$/.test(from))
      return names.filter((name) => !BY_DESCRIPTOR.test(name));
    if (!/files\/(durable|sync|file-access)\.ts$/.test(from)) return [];
    return names.filter((name) => !WITHOUT_PATH.includes(name));
  });
}
