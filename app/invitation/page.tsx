import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { AcceptInvitation } from './accept-invitation.tsx';

export const metadata: Metadata = { title: 'Choose a password' };

export default async function Page() {
  await headers();
  return <AcceptInvitation />;
}
