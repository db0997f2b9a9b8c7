import type { Metadata } from 'next';
import { FunctionsView } from './functions-view.tsx';

export const metadata: Metadata = { title: 'Functions' };

export default function Page() {
  return <FunctionsView />;
}
