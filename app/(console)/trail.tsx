'use client';

import BreadcrumbGroup, {
  type BreadcrumbGroupProps,
} from '@cloudscape-design/components/breadcrumb-group';
import { useApi } from '../_ui/api.ts';
import { trailOf } from './nav.ts';

interface TrailProps {
  path: string;
  onFollow: NonNullable<BreadcrumbGroupProps['onFollow']>;
}

/** The way back from a page. A job is called by its name, which the page itself has asked for. */
export function Trail({ path, onFollow }: TrailProps) {
  const jobId = /^\/jobs\/(JID[^/]+)$/.exec(path)?.[1];
  const params = { jobId: jobId ?? '' };
  const { data: job } = useApi('getJob', { params }, { enabled: jobId !== undefined });
  const title = jobId && (job?.name ?? 'Job');
  return <BreadcrumbGroup ariaLabel="Way back" items={trailOf(path, title)} onFollow={onFollow} />;
}
