import type { Metadata } from 'next';
import { AddressesView } from './addresses-view.tsx';

export const metadata: Metadata = { title: 'Addresses' };

export default function Page() {
  return <AddressesView />;
}
