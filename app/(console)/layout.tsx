import type { ReactNode } from 'react';
import { Shell } from './shell.tsx';
export default function ConsoleLayout({ children }: { children: ReactNode }) {
  return <Shell person={{ id: 'a', name: 'Ada', email: 'a@b', role: 'admin' }}>{children}</Shell>;
}
