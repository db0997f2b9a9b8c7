import { expect, test } from 'vitest';
import { NEW_DRAFT } from './draft.ts';
import { readKept } from './kept-draft.ts';

test('a kept draft comes back, without what is not of a draft', () => {
  const draft = { ...NEW_DRAFT, name: 'archive', bucket: 'b', encrypted: false };
  expect(readKept(JSON.stringify(draft))).toEqual(draft);
  expect(readKept(JSON.stringify({ ...draft, name: 5, extra: 'x' }))).toEqual({
    ...draft,
    name: '',
  });
  expect(readKept(JSON.stringify({ ...draft, archive: 'crate' }))).toEqual(draft);
  expect(readKept(JSON.stringify({ ...draft, overwritePolicy: 'maybe' }))).toEqual(draft);
  const device = { ...draft, archive: 'device' };
  expect(readKept(JSON.stringify(device))).toEqual(device);
  const notification = {
    targetIds: ['ops'],
    states: ['completed'],
    notifyAll: false,
    attention: true,
  };
  expect(readKept(JSON.stringify({ ...draft, notification }))).toEqual({ ...draft, notification });
  const odd = { ...notification, targetIds: [7, 'ops'], states: ['completed', 'flying'] };
  expect(readKept(JSON.stringify({ ...draft, notification: odd }))).toEqual({
    ...draft,
    notification,
  });
  expect(readKept(JSON.stringify({ ...draft, notification: 'all' }))).toEqual(draft);
  for (const text of [null, '', 'null', '{', '7']) expect(readKept(text)).toBeUndefined();
});
