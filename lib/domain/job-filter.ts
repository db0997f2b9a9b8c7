import { WaybillError } from './errors.ts';
import { parseBytes } from './sizes.ts';
import { COPY_PHASES, JOB_STATES, JOB_TYPES, OPTIONS, OUTCOMES } from './words.ts';

/**
 * The filter language of the jobs list: `state = at-site | at-sorting and name : "archive"`. Page addresses, API
 * and command line speak it alike.
 */

const WORD_OPERATORS = ['=', '!='] as const;
const TEXT_OPERATORS = ['=', '!=', ':', '!:'] as const;
const ORDER_OPERATORS = ['>=', '<=', '<', '>'] as const;
const SIZE_OPERATORS = ['=', '!=', '>=', '<=', '<', '>'] as const;

export const FILTER_OPERATORS = ['=', '!=', ':', '!:', '>=', '<=', '<', '>'] as const;
/** `:` contains, `!:` does not contain. */
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** What can be asked of a job. `word`: one of a vocabulary; `time`: a day or an instant, UTC; `size`: "8TB". */
interface PropertyRow {
  label: string;
  kind: 'word' | 'text' | 'time' | 'size';
  operators: readonly FilterOperator[];
  words?: readonly string[];
}

const words = (label: string, list: readonly string[]): PropertyRow => ({
  label,
  kind: 'word',
  operators: WORD_OPERATORS,
  words: list,
});
const text = (label: string): PropertyRow => ({ label, kind: 'text', operators: TEXT_OPERATORS });
const time = (label: string): PropertyRow => ({ label, kind: 'time', operators: ORDER_OPERATORS });

export const FILTER_PROPERTIES = {
  state: words('State', JOB_STATES),
  attention: words('Needs attention', ['yes', 'no']),
  option: words('Option', OPTIONS),
  type: words('Type', JOB_TYPES),
  outcome: words('Outcome', OUTCOMES),
  copy: words('Copy', COPY_PHASES),
  name: text('Name'),
  id: text('Job id'),
  store: text('Store'),
  bucket: text('Bucket'),
  device: text('Device'),
  /** The code of a kept function, by its name. */
  function: { label: 'Function', kind: 'text', operators: WORD_OPERATORS },
  createdBy: text('Created by'),
  group: { label: 'Cluster or export', kind: 'text', operators: WORD_OPERATORS },
  created: time('Created'),
  since: time('In its state since'),
  size: { label: 'Device size', kind: 'size', operators: SIZE_OPERATORS },
  /** Name, id, device or bucket. */
  text: { label: 'Text', kind: 'text', operators: [':', '!:'] },
} as const satisfies Record<string, PropertyRow>;
export type FilterProperty = keyof typeof FILTER_PROPERTIES;
export const FILTER_PROPERTY_NAMES = Object.keys(FILTER_PROPERTIES) as FilterProperty[];

/** The row of a property without its particulars. */
export const filterProperty = (name: FilterProperty): PropertyRow => FILTER_PROPERTIES[name];

/** One condition. Several values: any of them; with `!=` and `!:` none of them. */
export interface FilterToken {
  property: FilterProperty;
  operator: FilterOperator;
  values: readonly string[];
}

export interface JobFilter {
  join: 'and' | 'or';
  tokens: readonly FilterToken[];
}

export const EVERY_JOB: JobFilter = { join: 'and', tokens: [] };
/** `searches`: texts that are looked for in columns (`:`, `!:`), of all conditions together; each may go through every job. */
export const FILTER_LIMITS = {
  text: 2000,
  tokens: 20,
  values: 20,
  value: 200,
  searches: 20,
} as const;

const BARE = /[\w./@+-][\w./@+:-]*/y;
const JOINS = ['and', 'or'] as const;

/** Reads a filter. Throws FilterInvalid, with the place of what is wrong. */
export function parseJobFilter(source: string): JobFilter {
  if (source.length > FILTER_LIMITS.text) fail(0, `longer than ${FILTER_LIMITS.text} characters`);
  const reader = new FilterReader(source);
  const tokens: FilterToken[] = [];
  let join: JobFilter['join'] | undefined;
  let searches = 0;
  while (!reader.atEnd()) {
    if (tokens.length > 0) {
      const at = reader.at;
      const word = reader.bare();
      const found = JOINS.find((one) => one === word);
      if (!found) fail(at, '"and" or "or" is missing');
      if (join && found !== join) fail(at, '"and" and "or" cannot be mixed');
      join = found;
    }
    const start = reader.at;
    const token = readToken(reader);
    tokens.push(token);
    if (tokens.length > FILTER_LIMITS.tokens)
      fail(reader.at, `more than ${FILTER_LIMITS.tokens} conditions`);
    if (token.operator === ':' || token.operator === '!:') searches += token.values.length;
    if (searches > FILTER_LIMITS.searches)
      fail(start, `more than ${FILTER_LIMITS.searches} texts to look for in all conditions`);
  }
  return { join: join ?? 'and', tokens };
}

function readToken(reader: FilterReader): FilterToken {
  const start = reader.at;
  const name = reader.bare();
  const property = FILTER_PROPERTY_NAMES.find((one) => one === name);
  if (!property) fail(start, `"${name}" is none of ${FILTER_PROPERTY_NAMES.join(', ')}`);
  const { operators } = filterProperty(property);
  const at = reader.at;
  const operator = reader.operator();
  if (!operator || !operators.includes(operator))
    fail(at, `${property} takes ${operators.join(' ')}`);
  const values: string[] = [];
  do {
    const place = reader.at;
    values.push(checkedValue(property, reader.value(), place));
    if (values.length > FILTER_LIMITS.values)
      fail(place, `more than ${FILTER_LIMITS.values} values`);
  } while (reader.skip('|'));
  if (values.length > 1 && ORDER_OPERATORS.some((one) => one === operator))
    fail(at, `${operator} takes one value`);
  return { property, operator, values };
}

function checkedValue(property: FilterProperty, value: string, at: number): string {
  const { kind, words: list } = filterProperty(property);
  if (value.length > FILTER_LIMITS.value) fail(at, `longer than ${FILTER_LIMITS.value} characters`);
  if (kind === 'word' && !list?.includes(value))
    fail(at, `${property} is one of ${list?.join(', ')}, not "${value}"`);
  if (kind === 'time' && !readMoment(value))
    fail(at, `"${value}" is no day (2026-01-31) and no instant (2026-01-31T12:00:00Z)`);
  if (kind === 'size' && parseBytes(value) === undefined)
    fail(at, `"${value}" is no size, such as 8TB`);
  return value;
}

/** Position and pieces of a filter's text. */
class FilterReader {
  at = 0;
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
    this.space();
  }

  atEnd(): boolean {
    return this.at >= this.source.length;
  }

  skip(sign: string): boolean {
    const there = this.source.startsWith(sign, this.at);
    if (there) this.advance(sign.length);
    return there;
  }

  bare(): string {
    BARE.lastIndex = this.at;
    const word = BARE.exec(this.source)?.[0] ?? '';
    // A name may stand right before its operator: `name:x`.
    const length = word === '' ? 0 : word.replace(/:.*$/s, '').length;
    this.advance(length);
    return word.slice(0, length);
  }

  operator(): FilterOperator | undefined {
    const longest = [...FILTER_OPERATORS].sort((a, b) => b.length - a.length);
    return longest.find((one) => this.skip(one));
  }

  value(): string {
    if (this.source[this.at] === '"') return this.quoted();
    BARE.lastIndex = this.at;
    const word = BARE.exec(this.source)?.[0];
    if (word === undefined) fail(this.at, 'a value is missing');
    this.advance(word.length);
    return word;
  }

  private quoted(): string {
    const start = this.at;
    let value = '';
    for (let i = start + 1; i < this.source.length; i += 1) {
      const c = this.source[i];
      if (c === '"') {
        this.advance(i + 1 - start);
        return value;
      }
      if (c === '\\') i += 1;
      value += this.source[i] ?? '';
    }
    return fail(start, 'the closing quotation mark is missing');
  }

  private advance(length: number): void {
    this.at += length;
    this.space();
  }

  private space(): void {
    while (/\s/.test(this.source[this.at] ?? '')) this.at += 1;
  }
}

function fail(at: number, detail: string): never {
  throw new WaybillError('FilterInvalid', { at: at + 1, detail });
}

/** The text of a filter; `parseJobFilter` gives it back. */
export function formatJobFilter({ join, tokens }: JobFilter): string {
  return tokens
    .map(
      ({ property, operator, values }) =>
        `${property} ${operator} ${values.map(quote).join(' | ')}`,
    )
    .join(` ${join} `);
}

function quote(value: string): string {
  BARE.lastIndex = 0;
  if (BARE.exec(value)?.[0] === value) return value;
  return `"${value.replace(/[\\"]/g, '\\$&')}"`;
}

/** A day is its 24 hours in UTC, an instant its millisecond. Milliseconds since 1970. */
function readMoment(value: string): { from: number; length: number } | undefined {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(value);
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/.test(value);
  const from = isDay || isInstant ? Date.parse(value) : Number.NaN;
  return Number.isNaN(from) ? undefined : { from, length: isDay ? 86_400_000 : 1 };
}

/** What a comparison with a day or an instant asks of a time in ISO 8601: `from` included, `before` not. */
export function timeBounds(
  operator: FilterOperator,
  value: string,
): { from?: string; before?: string } {
  const moment = readMoment(value);
  if (!moment) return fail(0, `"${value}" is no time`);
  const start = new Date(moment.from).toISOString();
  const end = new Date(moment.from + moment.length).toISOString();
  if (operator === '>=') return { from: start };
  if (operator === '>') return { from: end };
  return { before: operator === '<' ? start : end };
}
