import type { Metadata } from 'next';
import { CreateJob } from './create-job.tsx';

export const metadata: Metadata = { title: 'Create job' };

export default function Page() {
  return <CreateJob />;
}
