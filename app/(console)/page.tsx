import type { Metadata } from 'next';
import { Prefetched } from '../_data/prefetched.tsx';
import { Overview } from './overview.tsx';
import { ATTENTION_ASK, NEWEST_ASK } from './overview-asks.ts';

export const metadata: Metadata = { title: 'Overview' };

export default function Page() {
  return (
    <Prefetched
      asks={[['jobCounts'], ['overview'], ['listJobs', ATTENTION_ASK], ['listJobs', NEWEST_ASK]]}
    >
      <Overview />
    </Prefetched>
  );
}
