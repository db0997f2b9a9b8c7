import { expect, test } from 'vitest';
import { type Change, parseChange } from './change.ts';
import { addRelease } from './gather.ts';

const CHANGES: Change[] = [
  { kind: 'fixed', text: 'A copy ends.' },
  { kind: 'added', text: 'A button.' },
  { kind: 'security', text: 'A hole is closed.' },
  { kind: 'added', text: 'Another button.' },
];
const HEAD = '# Changelog\n\nWhat is not released yet: `lib/changes`.\n';
const FIRST = `${HEAD}
## 0.2.0 (2026-01-31)

### Security

- A hole is closed.

### Added

- A button.
- Another button.

### Fixed

- A copy ends.
`;

test('a release gets a section with its date, sorted by kind', () => {
  expect(addRelease(HEAD, CHANGES, { version: '0.2.0', date: '2026-01-31' })).toBe(FIRST);
});

test('the newest release stands first', () => {
  const change: Change = { kind: 'changed', text: 'The button is blue.' };
  expect(addRelease(FIRST, [change], { version: '0.3.0', date: '2026-02-28' })).toBe(
    FIRST.replace(
      '## 0.2.0',
      '## 0.3.0 (2026-02-28)\n\n### Changed\n\n- The button is blue.\n\n## 0.2.0',
    ),
  );
});

test.each([
  ['next', CHANGES, 'next is no version: give one as 1.2.3'],
  ['0.2.0', CHANGES, 'the changelog has version 0.2.0 already'],
  ['0.3.0', [], 'nothing has changed: lib/changes has no file'],
])('a release %s is refused that is none', (version, changes, message) => {
  expect(() => addRelease(FIRST, changes, { version, date: '2026-02-28' })).toThrow(
    expect.objectContaining({ code: 'Usage', message }),
  );
});

test('a change is a kind, and a text that may take several lines', () => {
  const content = 'changed\n\nA button\nis `blue` now.\n';
  expect(parseChange('lib/changes/blue-button.md', content)).toEqual({
    kind: 'changed',
    text: 'A button is `blue` now.',
  });
});

test.each([
  ['Blue Button.md', 'fixed\nText.', 'its name has to be'],
  ['a.md', '# Fixed\n\nText.', 'its first line has to be security, added, changed, fixed'],
  ['a.md', 'toString\nText.', 'its first line has to be'],
  ['a.md', 'fixed\n', 'what changed is missing'],
  ['a.md', 'fixed\n- Text.\n- More.', 'it has to be one paragraph'],
  ['a.md', 'fixed\nText.\n\nMore.', 'it has to be one paragraph'],
  ['a.md', 'fixed\nText', 'its last sentence has to end with a full stop'],
  ['a.md', `fixed\n${'Text. '.repeat(90)}`, '539 of at most 500 characters'],
])('a change file %s with %j is refused by name', (name, content, problem) => {
  const message = expect.stringContaining(`lib/changes/${name}: `);
  expect(() => parseChange(`lib/changes/${name}`, content)).toThrow(
    expect.objectContaining({ code: 'Usage', message }),
  );
  expect(() => parseChange(`lib/changes/${name}`, content)).toThrow(problem);
});
