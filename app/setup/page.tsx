import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { isSetUp } from '../../lib/server/requests/current-person.ts';
import { SetUp } from './set-up.tsx';

export const metadata: Metadata = { title: 'Set up' };

export default async function Page() {
  if (await isSetUp()) redirect('/sign-in');
  return <SetUp />;
}
