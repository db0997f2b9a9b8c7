'use client';

import Alert from '@cloudscape-design/components/alert';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { permits } from '../../lib/domain/permissions.ts';
import { useApi } from '../_data/api.ts';
import { useLive } from '../_data/live.tsx';
import { usePerson } from '../_data/session.tsx';
import { DataTable } from '../_ui/data-table.tsx';
import { Failure } from '../_ui/failure.tsx';
import { PageFrame } from '../_ui/page-frame.tsx';
import { RouterButton, RouterLink } from '../_ui/router-link.tsx';
import { useNarrow } from '../_ui/viewport-width.tsx';
import { attentionColumns, newestColumns } from './next-step.tsx';
import { ATTENTION_ASK, NEWEST_ASK } from './overview-asks.ts';
import { MovedCard, PlacesCard, StatesCard } from './overview-cards.tsx';

/** What needs attention, where the jobs stand, and the newest ones. */
export function Overview() {
  const person = usePerson();
  const narrow = useNarrow();
  const counts = useApi('jobCounts');
  const attention = useApi('listJobs', ATTENTION_ASK);
  const newest = useApi('listJobs', NEWEST_ASK);
  const overview = useApi('overview');
  useLive();
  const createJob = permits(person.role, 'job.create') && (
    <RouterButton variant="primary" href="/jobs/new">
      Create job
    </RouterButton>
  );
  const failed = [counts, overview].find(({ error }) => error);
  return (
    <PageFrame title="Overview" actions={createJob}>
      {overview.data?.custodyAlarm && (
        <Alert
          type="error"
          header="The custody log is not the one that was written"
          action={<RouterButton href="/audit">Custody log</RouterButton>}
        >
          {overview.data.custodyAlarm}. Heads, certificates and proofs are not signed over it.
        </Alert>
      )}
      <DataTable
        title="Jobs that need attention"
        columns={attentionColumns(narrow)}
        rows={attention.data?.jobs}
        rowId={(job) => job.id}
        error={attention.error}
        onRetry={() => void attention.refetch()}
        none="Nothing needs attention. A job with an open incident is listed here until it is resolved."
      />
      {failed ? (
        <Failure error={failed.error} onRetry={() => void failed.refetch()} />
      ) : (
        <SpaceBetween size="l">
          <StatesCard counts={counts.data} />
          <PlacesCard overview={overview.data} />
          <MovedCard days={overview.data?.days} />
        </SpaceBetween>
      )}
      <DataTable
        title="Newest jobs"
        columns={newestColumns(narrow)}
        rows={newest.data?.jobs}
        rowId={(job) => job.id}
        error={newest.error}
        onRetry={() => void newest.refetch()}
        none="No job yet. A job moves data between a site and a store with one device."
        noneAction={createJob}
        actions={<RouterLink href="/jobs">All jobs</RouterLink>}
      />
    </PageFrame>
  );
}
