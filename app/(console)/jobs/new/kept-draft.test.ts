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
  for (const text of [null, '', 'null', '{', '7']) expect(readKept(text)).toBeUndefined();
});
