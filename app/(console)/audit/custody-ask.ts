import type { CustodyFilterValue } from '../../_parts/custody-filter.tsx';

const PAGE = 50;

/** What the API is asked for a page of the log. */
export const custodyAsk = (filter: CustodyFilterValue, before?: number) => ({
  query: { limit: PAGE, before, ...filter },
});
