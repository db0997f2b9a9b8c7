import type { Metadata } from 'next';
import { Answered } from '../../_data/prefetched.tsx';
import { StoresView } from './stores-view.tsx';

export const metadata: Metadata = { title: 'Stores' };

export default function Page() {
  return (
    <Answered asks={[['listStores']]}>
      <StoresView />
    </Answered>
  );
}
