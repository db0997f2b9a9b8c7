import type { Metadata } from 'next';
import { AuditView } from './audit-view.tsx';

export const metadata: Metadata = { title: 'Custody log' };

export default function Page() {
  return <AuditView />;
}
