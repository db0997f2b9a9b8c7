import type { Metadata } from 'next';
import { jobNameOf } from '../../../../lib/server/job-queries/job-name.ts';
import { Prefetched } from '../../../_data/prefetched.tsx';
import { JobView } from './job-view.tsx';

interface PageProps {
  params: Promise<{ jobId: string }>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const { jobId } = await params;
  return { title: (await jobNameOf(decodeURIComponent(jobId))) ?? 'Job' };
}

export default async function Page({ params }: PageProps) {
  const jobId = decodeURIComponent((await params).jobId);
  return (
    <Prefetched asks={[['getJob', { params: { jobId } }]]}>
      <JobView jobId={jobId} />
    </Prefetched>
  );
}
