import type { Metadata } from 'next';
import { TokensView } from './tokens-view.tsx';

export const metadata: Metadata = { title: 'Access tokens' };

export default function Page() {
  return <TokensView />;
}
