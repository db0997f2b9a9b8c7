import { expect, test } from 'vitest';
import { checkInput } from './check-input.ts';
import type { ServiceModel } from './service-model.ts';

const MODEL: ServiceModel = {
  apiVersion: '2016-06-30',
  operations: { Order: { input: 'Order', errors: [] }, List: { errors: [] } },
  shapes: {
    Order: {
      type: 'structure',
      required: ['Id', 'Size'],
      members: { Id: 'Id', Size: 'Size', Tags: 'Tags', Fast: 'Fast', At: 'At', Kind: 'Kind' },
    },
    Id: { type: 'string', min: 2, max: 5, pattern: '[a-z]+' },
    Kind: { type: 'string', enum: ['IMPORT', 'EXPORT'] },
    Size: { type: 'integer', min: 1, max: 9 },
    Tags: { type: 'list', member: 'Id' },
    Fast: { type: 'boolean' },
    At: { type: 'timestamp' },
  },
};
const check = (input: unknown, operation = 'Order') => checkInput(MODEL, operation, input);
const good = { Id: 'abc', Size: 3 };

test('keeps the members that the model knows, and leaves out the others', () => {
  const input = { ...good, Tags: ['ab'], Fast: false, At: 1.5, Kind: 'EXPORT' };
  expect(check({ ...input, Other: 1 })).toEqual(input);
  expect(check({ Other: 1 }, 'List')).toEqual({});
});

test('an input that names what every object has is read for what it holds itself', () => {
  expect(check(JSON.parse('{"Id":"abc","Size":3,"__proto__":{"Fast":true}}'))).toEqual(good);
  expect(check(good)).not.toHaveProperty('Fast');
});

/** What is refused, with the code and a part of the text. */
const REFUSED: [string, unknown, string, string][] = [
  ['no structure', 'text', 'InputMalformed', 'the input is not a structure'],
  ['null', null, 'InputMalformed', 'the input is not a structure'],
  ['a list as the input', [], 'InputMalformed', 'the input is not a structure'],
  ['a number as text', { ...good, Size: '3' }, 'InputMalformed', 'size is not a number'],
  ['no number', { ...good, Size: Number.NaN }, 'InputMalformed', 'size is not a number'],
  ['half a number', { ...good, Size: 1.5 }, 'InputMalformed', 'size is not a whole number'],
  ['text as a list', { ...good, Tags: 'ab' }, 'InputMalformed', 'tags is not a list'],
  ['text as a flag', { ...good, Fast: 'yes' }, 'InputMalformed', 'fast is not true or false'],
  ['a number as a text', { ...good, Id: 5 }, 'InputMalformed', 'id is not text'],
  ['nothing that is needed', {}, 'InputMissing', "null at 'size'"],
  ['null that is needed', { Id: 'abc', Size: null }, 'InputMissing', "null at 'size'"],
  ['a word of no list', { ...good, Kind: 'import' }, 'InputInvalid', '[IMPORT, EXPORT]'],
  ['a short text', { ...good, Id: 'a' }, 'InputInvalid', 'greater than or equal to 2'],
  ['a long text', { ...good, Id: 'abcdef' }, 'InputInvalid', 'less than or equal to 5'],
  ['a text of another form', { ...good, Id: 'ab\n' }, 'InputInvalid', 'pattern: [a-z]+'],
  ['a small number', { ...good, Size: 0 }, 'InputInvalid', 'greater than or equal to 1'],
  ['a large number', { ...good, Size: 10 }, 'InputInvalid', 'less than or equal to 9'],
  ['a bad item', { ...good, Tags: ['ab', 'B!'] }, 'InputInvalid', "'tags.2.member'"],
];

test.each(REFUSED)('refuses %s', (_, input, code, text) => {
  expect(() => check(input)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(text) }),
  );
});

test('names what is missing and what is wrong together, ten of them in words', () => {
  const input = { Id: 'A', Tags: Array.from({ length: 20 }, () => 'B!') };
  expect(() => check(input)).toThrow(
    expect.objectContaining({
      code: 'InputInvalid',
      facts: expect.objectContaining({ count: 23 }),
    }),
  );
});
