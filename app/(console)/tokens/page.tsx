import type { Metadata } from 'next';
import { Prefetched } from '../../_data/prefetched.tsx';
import { TokensView } from './tokens-view.tsx';

export const metadata: Metadata = { title: 'Access tokens' };

export default function Page() {
  return (
    <Prefetched asks={[['listTokens'], ['listAccessKeys']]}>
      <TokensView />
    </Prefetched>
  );
}
