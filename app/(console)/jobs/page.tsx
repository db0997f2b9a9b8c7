import type { Metadata } from 'next';
import { Prefetched } from '../../_data/prefetched.tsx';
import { readSearchParams, type SearchProps } from '../../_data/search-params.ts';
import { JobsView } from './jobs-view.tsx';
import { PAGE_SIZE, pageAsk, readAddress } from './list-address.ts';

export const metadata: Metadata = { title: 'Jobs' };

export default async function Page(props: SearchProps) {
  const address = readAddress(await readSearchParams(props));
  return (
    <Prefetched asks={[['listJobs', pageAsk(address, PAGE_SIZE)]]}>
      <JobsView />
    </Prefetched>
  );
}
