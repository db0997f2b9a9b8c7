import type { Metadata } from 'next';
import { Answered } from '../../_ui/answered.tsx';
import { JobsView } from './jobs-view.tsx';
import { PAGE_SIZE, pageAsk, readAddress } from './list-address.ts';

export const metadata: Metadata = { title: 'Jobs' };

interface PageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function Page({ searchParams }: PageProps) {
  const given = Object.entries(await searchParams).map(([name, value]) => [
    ...[name, String([value].flat()[0] ?? '')],
  ]);
  const address = readAddress(new URLSearchParams(given));
  return (
    <Answered asks={[['listJobs', pageAsk(address, PAGE_SIZE)]]}>
      <JobsView />
    </Answered>
  );
}
