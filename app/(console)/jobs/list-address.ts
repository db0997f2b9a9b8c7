import { isWaybillError } from '../../../lib/domain/errors.ts';
import {
  EVERY_JOB,
  formatJobFilter,
  type JobFilter,
  parseJobFilter,
} from '../../../lib/domain/job-filter.ts';
import { JOB_SORTS, type JobSort } from '../../../lib/domain/job-sort.ts';
import { isWord } from '../../../lib/domain/words.ts';

/** What a list shows, as its address says it. */
export interface ListAddress {
  filter: JobFilter;
  sort: JobSort;
  descending: boolean;
  page: number;
}

/** Reads an address; what is not valid in it is left out. */
export function readAddress(params: URLSearchParams): ListAddress {
  const sort = params.get('sort');
  const page = Number(params.get('page') ?? 1);
  return {
    filter: readFilter(params.get('filter') ?? ''),
    sort: isWord(JOB_SORTS, sort) ? sort : 'created',
    descending: params.get('order') !== 'ascending',
    page: Number.isInteger(page) && page >= 1 && page <= 100_000 ? page : 1,
  };
}

function readFilter(text: string): JobFilter {
  try {
    return parseJobFilter(text);
  } catch (error) {
    if (!isWaybillError(error, 'FilterInvalid')) throw error;
    return EVERY_JOB;
  }
}

/** The address of a list, without what goes without saying. */
export function writeAddress({ filter, sort, descending, page }: ListAddress): string {
  const params = new URLSearchParams();
  if (filter.tokens.length > 0) params.set('filter', formatJobFilter(filter));
  if (sort !== 'created') params.set('sort', sort);
  if (!descending) params.set('order', 'ascending');
  if (page > 1) params.set('page', String(page));
  return params.size > 0 ? `?${params}` : '';
}

/** The address of the jobs that a filter finds. */
export const jobsAddress = (filter: string): string => `/jobs?${new URLSearchParams({ filter })}`;

/** Jobs on a page, until the person chooses otherwise. */
export const PAGE_SIZE = 50;

/** What the API is asked for a page of the list. */
export const pageAsk = (address: ListAddress, limit: number) => ({
  query: { ...apiQueryOf(address), limit, page: address.page },
});

/** What the API is asked. */
export function apiQueryOf({ filter, sort, descending }: ListAddress) {
  return {
    ...(filter.tokens.length > 0 && { filter: formatJobFilter(filter) }),
    sort,
    order: descending ? ('descending' as const) : ('ascending' as const),
  };
}
