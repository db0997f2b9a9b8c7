import type { z } from 'zod';

/**
 * Members of a request that its schema does not know. A schema drops them, so that a misspelt `rangeBegin` would be an
 * export without one: the server refuses them instead.
 */

type Definition = {
  type: string;
  shape?: Record<string, z.ZodType>;
  catchall?: z.ZodType;
  element?: z.ZodType;
  innerType?: z.ZodType;
  valueType?: z.ZodType;
  options?: readonly z.ZodType[];
  in?: z.ZodType;
};

/** Paths such as `remote.endpont`, of a value that the schema takes; empty when it knows all of them. */
export function unknownMembers(schema: z.ZodType, value: unknown, path = ''): string[] {
  const { def }: { def: object } = schema;
  const definition = def as Definition;
  const { innerType, element, valueType, options } = definition;
  if (definition.in) return unknownMembers(definition.in, value, path);
  if (innerType) return unknownMembers(innerType, value, path);
  if (options) return ofUnion(options, value, path);
  if (Array.isArray(value) && element)
    return value.flatMap((one, i) => unknownMembers(element, one, `${path}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  const members = Object.entries(value);
  if (valueType) return members.flatMap(([name, one]) => unknownMembers(valueType, one, at(name)));
  const { shape, catchall } = definition;
  if (!shape) return [];
  return members.flatMap(([name, one]) => {
    const member = Object.hasOwn(shape, name) ? shape[name] : catchall;
    return member ? unknownMembers(member, one, at(name)) : [at(name)];
  });
}

/** Of several schemas the one counts that takes the value, and knows most of it. */
function ofUnion(options: readonly z.ZodType[], value: unknown, path: string): string[] {
  const found = options
    .filter((option) => option.safeParse(value).success)
    .map((option) => unknownMembers(option, value, path));
  return found.sort((a, b) => a.length - b.length)[0] ?? [];
}
