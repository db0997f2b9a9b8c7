'use client';

import BreadcrumbGroup, {
  type BreadcrumbGroupProps,
} from '@cloudscape-design/components/breadcrumb-group';
import { useApi } from '../_data/api.ts';
import { useAlive } from '../_ui/use-mounted.ts';
import { trailOf } from './nav.ts';

interface TrailProps {
  path: string;
  onFollow: NonNullable<BreadcrumbGroupProps['onFollow']>;
}

/** The way back from a page. A job is called by its name once the page is alive: its question is the page's to ask first. */
export function Trail(props: TrailProps) {
  const isAlive = useAlive();
  const jobId = /^\/jobs\/(JID[^/]+)$/.exec(props.path)?.[1];
  if (jobId === undefined) return <Crumbs {...props} />;
  return isAlive ? <JobTrail {...props} jobId={jobId} /> : <Crumbs {...props} title="Job" />;
}

function JobTrail({ jobId, ...props }: TrailProps & { jobId: string }) {
  const { data: job } = useApi('getJob', { params: { jobId } });
  return <Crumbs {...props} title={job?.name ?? 'Job'} />;
}

function Crumbs({ path, title, onFollow }: TrailProps & { title?: string }) {
  return <BreadcrumbGroup ariaLabel="Way back" items={trailOf(path, title)} onFollow={onFollow} />;
}
