import type { Metadata } from 'next';
import { Prefetched } from '../../_data/prefetched.tsx';
import { addressesAsk } from './addresses-ask.ts';
import { AddressesView } from './addresses-view.tsx';

export const metadata: Metadata = { title: 'Addresses' };

export default function Page() {
  return (
    <Prefetched asks={[['listAddresses', addressesAsk({ archived: 'false' })]]}>
      <AddressesView />
    </Prefetched>
  );
}
