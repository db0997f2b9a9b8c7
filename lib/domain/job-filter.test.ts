import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WaybillError } from './errors.ts';
import {
  EVERY_JOB,
  FILTER_PROPERTY_NAMES,
  type FilterToken,
  filterProperty,
  formatJobFilter,
  parseJobFilter,
  timeBounds,
} from './job-filter.ts';

const VALUES = {
  word: (name: FilterToken['property']) => fc.constantFrom(...(filterProperty(name).words ?? [])),
  text: () => fc.string({ unit: 'grapheme', maxLength: 60 }),
  time: () =>
    fc
      .date({ min: new Date('2000-01-01'), max: new Date('2099-01-01'), noInvalidDate: true })
      .chain((date) => fc.constantFrom(date.toISOString(), date.toISOString().slice(0, 10))),
  size: () => fc.constantFrom('8TB', '1.5 GB', '50000000000000'),
};

const token: fc.Arbitrary<FilterToken> = fc
  .constantFrom(...FILTER_PROPERTY_NAMES)
  .chain((property) => {
    const { kind, operators } = filterProperty(property);
    return fc.constantFrom(...operators).chain((operator) => {
      const maxLength = /[<>]/.test(operator) ? 1 : 4;
      return fc
        .array(VALUES[kind](property), { minLength: 1, maxLength })
        .map((values) => ({ property, operator, values }));
    });
  });

describe('the filter language', () => {
  test('gives back what was written', () => {
    const filter = fc.record({
      join: fc.constantFrom('and' as const, 'or' as const),
      tokens: fc.array(token, { minLength: 2, maxLength: 5 }),
    });
    fc.assert(
      fc.property(filter, (one) => {
        const text = formatJobFilter(one);
        fc.pre(text.length <= 2000);
        expect(parseJobFilter(text)).toEqual(one);
      }),
    );
  });

  test('looks for so many texts in all conditions together', () => {
    const search = (values: number) => `text !: ${Array(values).fill('a').join('|')}`;
    const filter = (...values: number[]) => values.map(search).join(' and ');
    expect(parseJobFilter(filter(10, 10)).tokens).toHaveLength(2);
    expect(parseJobFilter(`${filter(20)} and state = at-site | at-sorting`).tokens).toHaveLength(2);
    for (const one of [filter(10, 11), filter(...Array(20).fill(20)), filter(...Array(20).fill(2))])
      expect(() => parseJobFilter(one)).toThrow(/20 texts/);
  });

  test('answers any text with a filter or with FilterInvalid', () => {
    const piece = fc.constantFrom(
      ...[
        'state',
        'name',
        ' and ',
        ' or ',
        '=',
        '!:',
        '>=',
        '"',
        '\\',
        '|',
        'at-site',
        ' ',
        '2026-01-31',
      ],
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const filter = parseJobFilter(text);
          expect(parseJobFilter(formatJobFilter(filter))).toEqual(filter);
        } catch (error) {
          expect(error).toBeInstanceOf(WaybillError);
          expect(error).toMatchObject({ code: 'FilterInvalid' });
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('is written as people write', () => {
    expect(parseJobFilter('')).toEqual(EVERY_JOB);
    expect(parseJobFilter(' state=at-site|at-sorting and name:"a \\"b\\"" ')).toEqual({
      join: 'and',
      tokens: [
        { property: 'state', operator: '=', values: ['at-site', 'at-sorting'] },
        { property: 'name', operator: ':', values: ['a "b"'] },
      ],
    });
  });

  test.each([
    ['colour = red', 1, 'is none of'],
    ['state : at-site', 7, 'state takes = !='],
    ['state = at-sea', 9, 'not "at-sea"'],
    ['state = at-site name = x', 17, '"and" or "or" is missing'],
    ['state = at-site and type = import or type = export', 35, 'cannot be mixed'],
    ['name = "x', 8, 'quotation mark'],
    ['created >= yesterday', 12, 'no day'],
    ['created >= 2026-02-31T25:00:00Z', 12, 'no day'],
    ['created < 2026-01-01 | 2026-01-02', 9, 'one value'],
    ['size > big', 8, 'no size'],
    ['name =', 7, 'a value is missing'],
  ])('says where %s is wrong', (text, at, detail) => {
    expect(() => parseJobFilter(text)).toThrow(
      expect.objectContaining({ facts: { at, detail: expect.stringContaining(detail) } }),
    );
  });
});

test('a day is all of it', () => {
  const day = '2026-01-31';
  expect(timeBounds('>=', day)).toEqual({ from: '2026-01-31T00:00:00.000Z' });
  expect(timeBounds('>', day)).toEqual({ from: '2026-02-01T00:00:00.000Z' });
  expect(timeBounds('<', day)).toEqual({ before: '2026-01-31T00:00:00.000Z' });
  expect(timeBounds('<=', day)).toEqual({ before: '2026-02-01T00:00:00.000Z' });
  expect(timeBounds('>', '2026-01-31T12:00:00Z')).toEqual({ from: '2026-01-31T12:00:00.001Z' });
});
