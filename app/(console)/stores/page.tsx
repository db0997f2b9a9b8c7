import type { Metadata } from 'next';
import { Prefetched } from '../../_data/prefetched.tsx';
import { StoresView } from './stores-view.tsx';

export const metadata: Metadata = { title: 'Stores' };

export default function Page() {
  return (
    <Prefetched asks={[['listStores']]}>
      <StoresView />
    </Prefetched>
  );
}
