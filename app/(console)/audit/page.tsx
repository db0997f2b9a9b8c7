import type { Metadata } from 'next';
import { Prefetched } from '../../_data/prefetched.tsx';
import { AuditView } from './audit-view.tsx';
import { custodyAsk } from './custody-ask.ts';

export const metadata: Metadata = { title: 'Custody log' };

export default function Page() {
  return (
    <Prefetched asks={[['listCustody', custodyAsk({})]]}>
      <AuditView />
    </Prefetched>
  );
}
