import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { currentPerson } from '../../lib/server/requests/current-person.ts';
import { ApproveLogin } from './approve-login.tsx';

export const metadata: Metadata = { title: 'Sign in a program' };

export default async function Page({
  searchParams,
}: {
  searchParams: Promise<{ user_code?: string | string[] }>;
}) {
  const { user_code } = await searchParams;
  const code = typeof user_code === 'string' ? user_code.slice(0, 40) : '';
  const person = await currentPerson();
  if (!person) {
    const back = `/device${code ? `?user_code=${encodeURIComponent(code)}` : ''}`;
    redirect(`/sign-in?next=${encodeURIComponent(back)}`);
  }
  return <ApproveLogin code={code} person={person} />;
}
