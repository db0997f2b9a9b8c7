import type { z } from 'zod';
import { WaybillError } from '../domain/errors.ts';
import { unknownMembers } from './unknown-members.ts';

/** Problems of a request that are named in one answer. */
const NAMED_MAX = 5;

/**
 * A request as its schema makes it. `lenient` leaves out members that the schema does not know. Throws BadRequest, which
 * names the first members that do not fit or are not known.
 */
export function parseRequest(schema: z.ZodType, value: unknown, lenient = false): unknown {
  const { data, error } = schema.safeParse(value);
  if (error) {
    const problems = error.issues.map(({ path, message }) =>
      path.length > 0 ? `${path.join('.')}: ${message}` : message,
    );
    throw new WaybillError('BadRequest', { detail: problems.slice(0, NAMED_MAX).join('; ') });
  }
  const unknown = lenient ? [] : unknownMembers(schema, value);
  if (unknown.length === 0) return data;
  const names = unknown.slice(0, NAMED_MAX).map((name) => name.slice(0, 100));
  throw new WaybillError('BadRequest', { detail: `${names.join(', ')}: not known here` });
}
