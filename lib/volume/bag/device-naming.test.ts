import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { NameTrial } from '../../files/name-trial.ts';
import { tempDir } from '../../testing/temp.ts';
import { DeviceNames, namingOf } from './device-names.ts';
import { askNaming, type DeviceNaming } from './device-naming.ts';

/** A file system by its rules, as its maker tells them. */
interface FakeRules {
  takes(name: string): boolean;
  same(name: string): string;
  largest: number;
}
const fake = ({ takes, same, largest }: FakeRules): NameTrial => ({
  keeps: takes,
  findsAs: (made, asked) => takes(made) && same(made) === same(asked),
  takesBytes: (bytes) => bytes <= largest,
});

const windows = (name: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  name.length <= 255 && !/["*:<>?\\|\x00-\x1f]/.test(name) && !/[. ]$/.test(name);
const upper = (name: string) =>
  [...name].map((one) => (one.toUpperCase().length === 1 ? one.toUpperCase() : one)).join('');
const bytes = (name: string) => Buffer.byteLength(name);

const FAKES = {
  fat: { takes: windows, same: upper, largest: 2 ** 32 - 1 },
  exfat: { takes: windows, same: upper, largest: 2 ** 63 },
  ntfs: {
    takes: (name: string) => windows(name) && !/^(con|nul)(\.|$)/i.test(name),
    same: upper,
    largest: 2 ** 44,
  },
  apfs: {
    takes: (name: string) => bytes(name) <= 255,
    same: (name: string) => name.normalize('NFD').toUpperCase().toLowerCase(),
    largest: 2 ** 63,
  },
  ext4: {
    takes: (name: string) => bytes(name) <= 255,
    same: (name: string) => name,
    largest: 2 ** 44,
  },
} satisfies Record<string, FakeRules>;

type FakeName = keyof typeof FAKES;
const problemsOf = (naming: DeviceNaming, keys: string[], held: Record<string, string[]> = {}) => {
  const names = new DeviceNames(naming, (folder) => held[folder] ?? []);
  return keys.map((key) => {
    const problem = names.problemOf(Buffer.from(key));
    return problem && Object.values(problem.facts).join();
  });
};
const on = (kind: FakeName, keys: string[], held?: Record<string, string[]>) =>
  problemsOf(askNaming(fake(FAKES[kind])), keys, held);

describe('what is learned of a file system', () => {
  test.each<[FakeName, Partial<DeviceNaming>]>([
    ['fat', { unitsMax: 255, refusedAtEnd: '. ', foldsCase: 'simple', fileBytesMax: 2 ** 32 - 1 }],
    ['exfat', { unitsMax: 255, foldsForm: false, fileBytesMax: Number.MAX_SAFE_INTEGER }],
    ['ntfs', { unitsMax: 255, reservesDevices: true, foldsCase: 'simple' }],
    ['apfs', { bytesMax: 255, refused: '', foldsCase: 'full', foldsForm: true }],
    ['ext4', { bytesMax: 255, refused: '', foldsCase: 'none', foldsForm: false, refusedAtEnd: '' }],
  ])('%s', (kind, expected) => {
    expect(askNaming(fake(FAKES[kind]))).toMatchObject(expected);
  });

  test('in a folder of this host, of which nothing stays', () => {
    const dir = tempDir();
    expect(namingOf(dir)).toMatchObject({ bytesMax: 255, refused: '', foldsCase: 'none' });
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('names that a device cannot keep', () => {
  test.each<[FakeName, string, string | undefined]>([
    ['exfat', 'a:b?', 'it has the character :'],
    ['exfat', 'folder?/a', 'it has the character ?'],
    ['exfat', 'a\nb', 'it has the control character 10'],
    ['exfat', 'a.', 'it ends in the character .'],
    ['exfat', 'folder /a', 'it ends in a space'],
    ['exfat', 'nul', undefined],
    ['exfat', '\u6f22'.repeat(255), undefined],
    ['exfat', '\u{1f600}'.repeat(128), 'it is 256 characters of UTF-16 long; 255 are allowed'],
    ['ntfs', 'Aux.txt', 'it is one of the reserved names'],
    ['ntfs', 'auxiliary', undefined],
    ['ext4', 'a:b?. ', undefined],
    ['ext4', `a/${'x'.repeat(256)}`, 'it is 256 bytes long; 255 are allowed'],
    ['apfs', '\u6f22'.repeat(86), 'it is 258 bytes long; 255 are allowed'],
  ])('%s: %j', (kind, key, expected) => {
    expect(on(kind, [key])).toEqual([expected]);
  });

  test('of a file system that knows fewer characters', () => {
    const latin = {
      ...FAKES.fat,
      takes: (name: string) => windows(name) && !/[^\0-\xff]/.test(name),
    };
    const naming = askNaming(fake(latin));
    expect(problemsOf(naming, ['\u00e9', '\u6f22'])).toEqual([
      undefined,
      'it has the character \u6f22',
    ]);
  });
});

describe('names that a device takes for others', () => {
  test.each<[FakeName, string[], (string | undefined)[]]>([
    ['exfat', ['README', 'a', 'readme'], [undefined, undefined, 'README']],
    ['exfat', ['a/B', 'a/b', 'c/b'], [undefined, 'a/B', undefined]],
    ['exfat', ['A/1', 'a/2', 'a/3'], [undefined, 'A', 'A']],
    ['exfat', ['A/', 'a'], [undefined, 'A']],
    ['exfat', ['\u00c9', '\u00e9', 'e\u0301'], [undefined, '\u00c9', undefined]],
    ['exfat', ['ss', '\u00df'], [undefined, undefined]],
    ['apfs', ['e\u0301', '\u00e9'], [undefined, 'e\u0301']],
    ['apfs', ['ss', '\u00df'], [undefined, 'ss']],
    [
      'ext4',
      ['README', 'readme', 'e\u0301', '\u00e9'],
      [undefined, undefined, undefined, undefined],
    ],
  ])('%s: %j', (kind, keys, expected) => {
    expect(on(kind, keys)).toEqual(expected);
  });

  test('what is on the device already stays', () => {
    const held = { '': ['Readme', 'same'], 'a/': ['x'] };
    expect(on('exfat', ['README', 'a/X', 'a/x', 'same'], held)).toEqual([
      'Readme',
      'a/x',
      undefined,
      undefined,
    ]);
  });

  test('one that the device keeps in another normal form is the same', () => {
    expect(on('apfs', ['\u00e9'], { '': ['e\u0301'] })).toEqual([undefined]);
  });
});
