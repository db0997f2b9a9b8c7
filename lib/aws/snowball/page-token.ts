import { WaybillError } from '../../domain/errors.ts';
import { readSigned, signValue } from '../../keys/signed-text.ts';
import type { SnowballCall } from './call.ts';

/** How many entries a page has without MaxResults. */
const PAGE = 100;

const purposeOf = (list: string): string => `aws-page:${list}`;

/** Entries a page may have, and the place after which it starts. Throws PageTokenInvalid. */
export function pageOf<Place>(
  { context, input }: SnowballCall,
  list: string,
): { limit: number; after: Place | undefined } {
  const limit = typeof input.MaxResults === 'number' ? input.MaxResults || PAGE : PAGE;
  if (typeof input.NextToken !== 'string') return { limit, after: undefined };
  const after = readSigned(context.linkSecret, purposeOf(list), input.NextToken);
  if (after === undefined) throw new WaybillError('PageTokenInvalid');
  return { limit, after: after as Place };
}

/** One entry more was read than the page takes: then there is a next page, after the page's last entry. */
export function cutPage<Entry, Place>(
  { context }: SnowballCall,
  list: string,
  { entries, limit, placeOf }: { entries: Entry[]; limit: number; placeOf(entry: Entry): Place },
): { page: Entry[]; NextToken: string | undefined } {
  const page = entries.slice(0, limit);
  const last = page.at(-1);
  if (entries.length <= limit || last === undefined) return { page, NextToken: undefined };
  return { page, NextToken: signValue(context.linkSecret, purposeOf(list), placeOf(last)) };
}
