'use client';

import dynamic from 'next/dynamic';

// Every page carries what stands here, few show it.
const NoSuchPage = dynamic(() => import('./_ui/no-such-page.tsx').then((part) => part.NoSuchPage));

export default function NotFound() {
  return <NoSuchPage />;
}
