import type { z } from 'zod';
import type { jobQuery } from '../../../lib/api/schemas/job-schemas.ts';
import type { FilterToken, JobFilter } from '../../../lib/domain/job-filter.ts';
import type { JobQuery } from '../../../lib/server/job-queries/filter-sql.ts';

/** What a query of the jobs list asks for: its filter, and the short forms beside it. */
export function jobQueryOf(query: z.output<typeof jobQuery>): JobQuery {
  const { filter, sort, order, state, option, type, attention, text } = query;
  const is = (property: FilterToken['property'], value: string | undefined): FilterToken[] =>
    value === undefined ? [] : [{ property, operator: '=', values: [value] }];
  const short: JobFilter = {
    join: 'and',
    tokens: [
      ...[...is('state', state), ...is('option', option), ...is('type', type)],
      ...is('attention', attention && (attention === 'true' ? 'yes' : 'no')),
      ...(text === undefined ? [] : [{ property: 'text', operator: ':', values: [text] } as const]),
    ],
  };
  const filters = [...(filter ? [filter] : []), short];
  return { filters, sort, descending: order === 'descending' };
}
