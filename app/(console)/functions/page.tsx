import type { Metadata } from 'next';
import { Prefetched } from '../../_data/prefetched.tsx';
import { FunctionsView } from './functions-view.tsx';

export const metadata: Metadata = { title: 'Functions' };

export default function Page() {
  return (
    <Prefetched asks={[['listFunctions']]}>
      <FunctionsView />
    </Prefetched>
  );
}
