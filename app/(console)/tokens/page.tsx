import type { Metadata } from 'next';
import { Answered } from '../../_data/prefetched.tsx';
import { TokensView } from './tokens-view.tsx';

export const metadata: Metadata = { title: 'Access tokens' };

export default function Page() {
  return (
    <Answered asks={[['listTokens'], ['listAccessKeys']]}>
      <TokensView />
    </Answered>
  );
}
