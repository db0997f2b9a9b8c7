import { expect, test } from 'vitest';
import { z } from 'zod';
import { isRaw, ROUTE_NAMES, routeSpec } from './contract.ts';
import { unknownMembers } from './unknown-members.ts';

const inner = z.object({ a: z.number() });

test.each<[string, z.ZodType, unknown, string[]]>([
  ['an object', inner, { a: 1, b: 2 }, ['b']],
  ['an object within one', z.object({ in: inner }), { in: { a: 1, b: 2 } }, ['in.b']],
  [
    'a list',
    z.object({ list: z.array(inner) }),
    { list: [{ a: 1 }, { a: 1, b: 2 }] },
    ['list[1].b'],
  ],
  [
    'what may be missing',
    z.object({ in: inner.nullable().optional() }),
    { in: { a: 1, b: 2 } },
    ['in.b'],
  ],
  ['a default', z.object({ in: inner.default({ a: 1 }) }), { in: { a: 1, b: 2 } }, ['in.b']],
  ['what is changed on the way', inner.transform(({ a }) => a), { a: 1, b: 2 }, ['b']],
  ['one of several', z.union([inner, z.object({ b: z.number() })]), { b: 2 }, []],
  ['none of several', z.union([inner, z.object({ b: z.number() })]), { b: 2, c: 3 }, ['c']],
  ['names of one’s own', z.record(z.string(), inner), { own: { a: 1, b: 2 } }, ['own.b']],
  ['more of one kind', inner.catchall(z.string()), { a: 1, more: 'text' }, []],
  [
    'a name of every object',
    inner,
    { a: 1, constructor: 1, toString: 2 },
    ['constructor', 'toString'],
  ],
])('a member of %s that nobody knows is named', (_, schema, value, unknown) => {
  expect(unknownMembers(schema, value)).toEqual(unknown);
});

/** Kinds of schemas that `unknownMembers` looks into, and those that have no members. */
const KNOWN = [
  ...[
    'object',
    'array',
    'optional',
    'nullable',
    'default',
    'prefault',
    'union',
    'pipe',
    'record',
    'transform',
  ],
  ...['string', 'number', 'boolean', 'enum', 'literal', 'null', 'unknown', 'int'],
];

test('requests are made of schemas whose members are looked into', () => {
  const kinds = new Set<string>();
  const look = (schema: z.ZodType): void => {
    const { type, checks: _, ...parts }: Record<string, unknown> = { ...schema.def };
    kinds.add(String(type));
    const members = Object.values(parts).flatMap((part) =>
      typeof part === 'object' && part !== null && !('def' in part) ? Object.values(part) : [part],
    );
    for (const member of members)
      if (typeof member === 'object' && member !== null && 'def' in member)
        look(member as z.ZodType);
  };
  for (const name of ROUTE_NAMES) {
    const { body, query } = routeSpec(name);
    if (body && !isRaw(body)) look(body);
    if (query) look(query);
  }
  expect([...kinds].filter((kind) => !KNOWN.includes(kind))).toEqual([]);
});
