'use client';

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import type { TableProps } from '@cloudscape-design/components/table';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { JobSummary } from '../../lib/api/schemas/job-schemas.ts';
import { INCIDENT_OWNERS, INCIDENTS } from '../../lib/domain/incidents.ts';
import type { ActionOffer } from '../../lib/domain/lifecycle-decision.ts';
import { nextStepOf } from '../../lib/domain/next-step.ts';
import { usePerson } from '../_data/session.tsx';
import { sentence } from '../_ui/failure.tsx';
import { RouterButton, RouterLink } from '../_ui/router-link.tsx';
import { jobAddress } from './jobs/[jobId]/job-tabs.ts';
import { JOB_COLUMNS } from './jobs/job-columns.tsx';
import { offersOf } from './jobs/shared-actions.ts';

const ActDialog = dynamic(() => import('./jobs/act-dialog.tsx').then((part) => part.ActDialog));

/** The step that moves a job on: a button when the person may do it now, else the way to where it is told. */
function NextStep({ job }: { job: JobSummary }) {
  const { role } = usePerson();
  const [chosen, setChosen] = useState<ActionOffer>();
  const step = nextStepOf(job);
  if (job.incident) {
    return <RouterLink href={jobAddress(job.id, 'incidents')}>See incident</RouterLink>;
  }
  const next = offersOf(job, role).find(
    ({ allowed, action }) => allowed && action === step?.action,
  );
  if (!next) {
    const href = jobAddress(job.id, step?.see ?? 'overview');
    return <RouterLink href={href}>{step?.what ?? 'Open'}</RouterLink>;
  }
  return (
    <>
      <Button ariaLabel={`${next.label}: ${job.name}`} onClick={() => setChosen(next)}>
        {next.label}
      </Button>
      {chosen && <ActDialog jobs={[job]} offer={chosen} onClose={() => setChosen(undefined)} />}
    </>
  );
}

/** What went wrong, and what its owner does now. */
function Trouble({ incident }: JobSummary) {
  if (!incident) return null;
  const { label, owner, next } = INCIDENTS[incident];
  return (
    <>
      {label}
      <Box variant="small" display="block">
        For the {INCIDENT_OWNERS[owner]}: {sentence(next)}
      </Box>
    </>
  );
}

type Columns = TableProps.ColumnDefinition<JobSummary>[];

const FIRST: Columns = JOB_COLUMNS.filter(({ id }) => id === 'name' || id === 'state').map(
  (column) => ({ ...column, minWidth: 150 }),
);

/** On a phone what tells of a job stands together, so that the way on is in sight. */
const TOGETHER: Columns = [
  {
    id: 'job',
    header: 'Job',
    isRowHeader: true,
    minWidth: 120,
    cell: (job) => (
      <>
        {FIRST.map(({ id, cell }) => (
          <div key={id}>{cell(job)}</div>
        ))}
        <Trouble {...job} />
      </>
    ),
  },
];

/** A job, and the button that moves it on. */
export const newestColumns = (narrow: boolean): Columns => [
  ...(narrow ? TOGETHER : FIRST),
  {
    id: 'next',
    header: 'Next step',
    minWidth: narrow ? 165 : 220,
    cell: (job) => <NextStep job={job} />,
  },
];

/** A job that something happened to. */
export const attentionColumns = (narrow: boolean): Columns => [
  ...(narrow
    ? TOGETHER
    : [
        ...FIRST,
        {
          id: 'trouble',
          header: 'What happened',
          minWidth: 190,
          cell: (job: JobSummary) => <Trouble {...job} />,
        },
      ]),
  {
    id: 'do',
    header: 'Next step',
    minWidth: narrow ? 165 : 130,
    cell: ({ id, name }) => (
      <RouterButton href={jobAddress(id, 'incidents')} ariaLabel={`See incident: ${name}`}>
        See incident
      </RouterButton>
    ),
  },
];
