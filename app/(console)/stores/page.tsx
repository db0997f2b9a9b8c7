import type { Metadata } from 'next';
import { StoresView } from './stores-view.tsx';

export const metadata: Metadata = { title: 'Stores' };

export default function Page() {
  return <StoresView />;
}
