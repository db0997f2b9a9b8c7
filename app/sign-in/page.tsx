import type { Metadata } from 'next';
import { localPath } from '../_data/local-path.ts';
import { SignIn } from './sign-in.tsx';

export const metadata: Metadata = { title: 'Sign in' };

export default async function Page({
  searchParams,
}: {
  searchParams: Promise<{ next?: string | string[] }>;
}) {
  const { next } = await searchParams;
  return <SignIn next={localPath(next)} />;
}
