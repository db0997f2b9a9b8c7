'use client';

import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import type { JobSummary } from '../../lib/api/schemas/job-schemas.ts';
import { counted } from '../../lib/domain/counted.ts';
import { permits } from '../../lib/domain/permissions.ts';
import { JOB_STATES } from '../../lib/domain/words.ts';
import { useApi } from '../_ui/api.ts';
import { DataTable } from '../_ui/data-table.tsx';
import { Failure } from '../_ui/failure.tsx';
import { useLive } from '../_ui/live.tsx';
import { PageFrame } from '../_ui/page-frame.tsx';
import { RouterButton, RouterLink } from '../_ui/router-link.tsx';
import { usePerson } from '../_ui/session.tsx';
import { JOB_STATE_SIGNS } from '../_ui/status.tsx';
import { JOB_COLUMNS } from './jobs/job-columns.tsx';
import { jobsAddress } from './jobs/list-address.ts';
import { MovedChart, NextStep, PlacesCard } from './overview-cards.tsx';

const ATTENTION_COLUMNS = [
  ...JOB_COLUMNS.slice(0, 2),
  {
    id: 'next',
    header: 'Next step',
    minWidth: 160,
    cell: (job: JobSummary) => <NextStep job={job} />,
  },
];

/** What needs attention, where the jobs stand, and the newest ones. */
export function Overview() {
  const person = usePerson();
  const counts = useApi('jobCounts');
  const attention = useApi('listJobs', { query: { attention: 'true', limit: 20 } });
  const newest = useApi('listJobs', { query: { limit: 10 } });
  const overview = useApi('overview').data;
  useLive();
  const createJob = permits(person.role, 'job.create') && (
    <RouterButton variant="primary" href="/jobs/new">
      Create job
    </RouterButton>
  );
  const rows = attention.data?.jobs;
  return (
    <PageFrame title="Overview" actions={createJob}>
      <Container header={<Header variant="h2">Jobs by state</Header>}>
        {counts.error ? (
          <Failure error={counts.error} onRetry={() => void counts.refetch()} />
        ) : (
          <ColumnLayout columns={4} variant="text-grid">
            <Count
              label="Needs attention"
              href={jobsAddress('attention = yes')}
              n={counts.data?.attention}
            />
            {JOB_STATES.filter((state) => counts.data?.states[state]).map((state) => (
              <Count
                key={state}
                label={JOB_STATE_SIGNS[state][1]}
                href={jobsAddress(`state = ${state}`)}
                n={counts.data?.states[state]}
              />
            ))}
          </ColumnLayout>
        )}
      </Container>
      {rows && rows.length > 0 && (
        <DataTable
          title="Jobs that need attention"
          columns={ATTENTION_COLUMNS}
          rows={rows}
          rowId={(job) => job.id}
          none="Nothing needs attention."
        />
      )}
      {overview && <PlacesCard overview={overview} />}
      {overview && <MovedChart days={overview.days} />}
      <DataTable
        title="Newest jobs"
        columns={ATTENTION_COLUMNS}
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

function Count({ label, href, n }: { label: string; href: string; n: number | undefined }) {
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <RouterLink
        href={href}
        fontSize="display-l"
        ariaLabel={`${label}: ${counted(n ?? 0, 'job')}`}
      >
        {n?.toLocaleString('en') ?? '–'}
      </RouterLink>
    </div>
  );
}
