import type { Metadata } from 'next';
import { Answered } from '../../_data/prefetched.tsx';
import { addressesAsk } from './addresses-ask.ts';
import { AddressesView } from './addresses-view.tsx';

export const metadata: Metadata = { title: 'Addresses' };

export default function Page() {
  return (
    <Answered asks={[['listAddresses', addressesAsk({ archived: 'false' })]]}>
      <AddressesView />
    </Answered>
  );
}
