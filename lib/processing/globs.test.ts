import fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, test } from 'vitest';
import { KEY_RULES, keyProblem } from '../domain/object-keys.ts';
import { globMatcher } from './globs.ts';
import { fillTemplate, keyParts, templateFiller } from './key-template.ts';

const GLOBS = [
  '**/*.bin',
  '**/*',
  '*.bin',
  'a/**',
  'a/*/b.bin',
  '**/b/**',
  'a/**/b.bin',
  '?.bin',
].concat(['**/*.{bin,tmp}', 'a.bin', '**/[ab].bin', '*', '**/a*', 'a/b/**', '**/.a']);

const name = fc
  .array(fc.constantFrom('a', 'b', '.', 'bin', '.bin', '.tmp', ' ', 'é', '+'), { maxLength: 4 })
  .map((pieces) => pieces.join(''));
const key = fc
  .array(name, { minLength: 1, maxLength: 4 })
  .map((names) => names.join('/'))
  .filter((text) => keyProblem(Buffer.from(text), KEY_RULES.directory) === undefined)
  .filter((text) => !text.endsWith('/'));

describe('globs', () => {
  test('match what picomatch says they match', () => {
    const options = { dot: true, noextglob: true };
    fc.assert(
      fc.property(fc.constantFrom(...GLOBS), key, (glob, text) => {
        const expected = text === glob || picomatch.makeRe(glob, options).test(text);
        expect([glob, text, globMatcher([glob])(text)]).toEqual([glob, text, expected]);
      }),
      { numRuns: 5000 },
    );
  });

  test('match names with a newline in them, too', () => {
    expect(globMatcher(['**/*.bin'])('a\nb/c\n.bin')).toBe(true);
    expect(globMatcher(['a/**/c.bin'])('a/b\nb/c.bin')).toBe(true);
    expect(globMatcher(['**/*.bin', 'b'])('b')).toBe(true);
  });
});

test('a template is filled with the parts of a key and the options of its step', () => {
  const options = { width: 320, format: 'webp', match: ['a'] };
  for (const template of ['{dir}{stem}-{width}.{format}', '{key}.gz', '{none}{match}{ext}', '{}{'])
    for (const text of ['a/b.c.png', '.hidden', 'no-ending', 'd/.x'])
      expect(templateFiller(template, options)(keyParts(text))).toBe(
        fillTemplate(template, { ...options, ...keyParts(text) }),
      );
});
