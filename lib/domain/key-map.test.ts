import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ODD_KEYS } from '../testing/odd-keys.ts';
import { keyOfPath, pathOfKey } from './key-map.ts';
import { keyProblem } from './object-keys.ts';

const path = (key: string, isFolder = false) =>
  pathOfKey(Buffer.from(key), { isDirectory: false, isFolder }).toString();

test.each([
  ['plain/key', 'plain/key'],
  ['a//b', 'a/%_/b'],
  ['/a', '%_/a'],
  ['..', '%_%2E%2E'],
  ['a/./b', 'a/%_%2E/b'],
  ['dir/', 'dir/%_'],
  ['100%', '100%'],
  ['%_x', '%_%25_x'],
  ['nul\0%', '%_nul%00%25'],
  ['.waybill-tmp/x', '%_.waybill-tmp/x'],
  ['s'.repeat(300), `%+${'s'.repeat(250)}/%_${'s'.repeat(50)}`],
])('%j is called %j', (key, name) => {
  expect(path(key)).toBe(name);
});

test('an object under whose key others lie has a name beside theirs', () => {
  expect(path('a', true)).toBe('%=a');
  expect(path('x/..', true)).toBe('x/%=%2E%2E');
});

test('bytes that are no text are written out', () => {
  const key = Buffer.from([0x61, 0xff, 0x2f, 0xc3, 0xbc]);
  expect(pathOfKey(key, { isDirectory: false, isFolder: false }).toString()).toBe('%_a%FF/ü');
});

/** Keys that meet: of few bytes, so that one is often the beginning of another. */
const dense = fc
  .array(fc.constantFrom('/', '.', '%', '_', '=', '+', 'a', '\0', '%_', '%=', '%+', 'é', '/'), {
    minLength: 1,
    maxLength: 7,
  })
  .map((parts) => Buffer.from(parts.join('')));
const bytes = fc.uint8Array({ minLength: 1, maxLength: 900 }).map((key) => Buffer.from(key));
const long = fc
  .tuple(fc.constantFrom('a', 'é', '%', '日'), fc.integer({ min: 80, max: 700 }), dense)
  .map(([letter, count, rest]) => Buffer.concat([Buffer.from(letter.repeat(count)), rest]));
const odd = fc.constantFrom(...ODD_KEYS).map((key) => Buffer.from(key));
const keys = fc.uniqueArray(fc.oneof(dense, bytes, long, odd), {
  minLength: 1,
  maxLength: 40,
  selector: (key) => key.toString('latin1'),
});

test('any set of keys has names that a directory holds side by side, and that lead back', () => {
  fc.assert(
    fc.property(keys, fc.nat(), (all, seed) => {
      const names = new Map<string, Buffer>();
      const folders = new Set<string>();
      for (const [i, key] of all.entries()) {
        const isDirectory = key.at(-1) === 0x2f && (seed + i) % 2 === 0;
        const under = Buffer.concat([key, Buffer.from('/')]);
        const isFolder =
          !isDirectory && all.some((other) => other.subarray(0, under.length).equals(under));
        const name = pathOfKey(key, { isDirectory, isFolder });
        expect(keyOfPath(name)).toEqual(key);
        expect(keyProblem(name, { keyBytesMax: 20_000, objectBytesMax: 1 })).toBeUndefined();
        const text = name.toString('latin1');
        expect(names.has(text)).toBe(false);
        const parts = (isDirectory ? text.slice(0, -1) : text).split('/');
        expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(255);
        names.set(text, key);
        for (let n = 1; n < parts.length + (isDirectory ? 1 : 0); n += 1)
          folders.add(parts.slice(0, n).join('/'));
      }
      for (const folder of folders) expect(names.has(folder)).toBe(false);
    }),
    { numRuns: 500 },
  );
});
