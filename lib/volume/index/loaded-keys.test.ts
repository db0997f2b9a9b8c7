import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyList } from './key-list.ts';
import { LoadedKeys } from './loaded-keys.ts';

const key = (i: number): Buffer => Buffer.from(`folder/file-${i}`);
const MANY = 5000;

test.each([0, 1000, MANY])('keys are numbered as they came, with %d expected', (expected) => {
  const list = new KeyList(expected);
  for (let i = 0; i < MANY; i += 1) expect(list.add(key(i))).toBe(i);
  for (let i = 0; i < MANY; i += 1) expect(list.add(key(i))).toBe(i);
  expect(list.size).toBe(MANY);
  for (let i = 0; i < MANY; i += 1) expect(list.find(key(i))).toBe(i);
  for (let i = MANY - 1; i >= 0; i -= 1) expect(list.find(key(i))).toBe(i);
  for (let i = 0; i < MANY; i += 1) expect(list.find(key(MANY + i))).toBe(-1);
});

test('a list tells keys apart as a set does', () => {
  const bytes = fc.uint8Array({ maxLength: 12 });
  fc.assert(
    fc.property(fc.array(bytes), fc.array(bytes), (added, asked) => {
      const list = new KeyList();
      const set = new Map<string, number>();
      for (const one of added) {
        const name = Buffer.from(one).toString('hex');
        if (!set.has(name)) set.set(name, set.size);
        expect(list.add(one)).toBe(set.get(name));
      }
      for (const one of [...asked, ...added])
        expect(list.find(one)).toBe(set.get(Buffer.from(one).toString('hex')) ?? -1);
    }),
  );
});

test('an object is done in the very state in which it is whole', () => {
  const keys = new LoadedKeys();
  const state = { bytes: 7, mtimeNs: 1_700_000_000_123_456_789n };
  for (let i = 0; i < MANY; i += 1) keys.addRecord(key(i), 0, key(i).length, state);
  expect(keys.statusOf(key(3), state)).toBe('loaded');
  expect(keys.statusOf(key(3), { ...state, bytes: 8 })).toBe('outdated');
  expect(keys.statusOf(key(3), { ...state, mtimeNs: state.mtimeNs + 1n })).toBe('outdated');
  expect(keys.statusOf(key(MANY), state)).toBe('new');
});

test('a record that is not whole says no more than that its key was there', () => {
  const keys = new LoadedKeys();
  keys.addRecord(key(1), 0, key(1).length);
  expect(keys.statusOf(key(1), { bytes: 0, mtimeNs: 0n })).toBe('outdated');
});

test('what was made of an object stands for it, without a record of its key; the later state counts', () => {
  const keys = new LoadedKeys();
  const [first, second] = [1n, 2n].map((mtimeNs) => ({ bytes: 5, mtimeNs }));
  for (const state of [first, second]) if (state) keys.addDone(key(1), state);
  expect(keys.statusOf(key(1), { bytes: 5, mtimeNs: 1n })).toBe('new');
  expect(keys.statusOf(key(1), { bytes: 5, mtimeNs: 2n })).toBe('loaded');
});
