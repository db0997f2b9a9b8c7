import type { Metadata } from 'next';
import { Answered } from '../../_data/prefetched.tsx';
import { FunctionsView } from './functions-view.tsx';

export const metadata: Metadata = { title: 'Functions' };

export default function Page() {
  return (
    <Answered asks={[['listFunctions']]}>
      <FunctionsView />
    </Answered>
  );
}
