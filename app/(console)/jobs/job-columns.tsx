'use client';

import Box from '@cloudscape-design/components/box';
import type { TableProps } from '@cloudscape-design/components/table';
import type { JobSummary } from '../../../lib/api/schemas/job-schemas.ts';
import { INCIDENTS } from '../../../lib/domain/incidents.ts';
import { FINAL_STATES } from '../../../lib/domain/lifecycle.ts';
import { nextStepOf } from '../../../lib/domain/next-step.ts';
import { DOERS } from '../../../lib/domain/next-step-words.ts';
import { OPTION_RULES } from '../../../lib/domain/options.ts';
import { formatBytes, formatSize } from '../../../lib/domain/sizes.ts';
import { CopyStatus, JobStatus, OUTCOME_WORDS } from '../../_parts/status.tsx';
import { Copyable } from '../../_ui/copyable.tsx';
import { Instant } from '../../_ui/instant.tsx';
import { RouterLink } from '../../_ui/router-link.tsx';

/** What has to happen now, and who does it. */
function NextWords(job: JobSummary) {
  if (FINAL_STATES.includes(job.state)) return '–';
  const step = nextStepOf(job);
  const trouble = job.incident && INCIDENTS[job.incident];
  return (
    <>
      {trouble ? `${trouble.label}: see incident` : (step?.what ?? '–')}
      <Box variant="small" color="text-body-secondary" display="block">
        {trouble ? DOERS[trouble.owner] : step && DOERS[step.who]}
      </Box>
    </>
  );
}

/** The columns of every list of jobs. */
export const JOB_COLUMNS: TableProps.ColumnDefinition<JobSummary>[] = [
  {
    id: 'name',
    header: 'Job',
    sortingField: 'name',
    minWidth: 180,
    isRowHeader: true,
    cell: (job) => (
      <RouterLink href={`/jobs/${job.id}`}>
        <span className="long-word">{job.name}</span>
      </RouterLink>
    ),
  },
  {
    id: 'state',
    sortingField: 'state',
    header: 'State',
    minWidth: 180,
    cell: (job) => <JobStatus {...job} />,
  },
  { id: 'next', header: 'Next step', minWidth: 180, cell: (job) => <NextWords {...job} /> },
  {
    id: 'attention',
    sortingField: 'attention',
    header: 'Needs attention',
    minWidth: 130,
    cell: ({ incident }) => (incident ? INCIDENTS[incident].label : '–'),
  },
  {
    id: 'option',
    sortingField: 'option',
    header: 'Option',
    minWidth: 140,
    cell: (job) => (
      <>
        {OPTION_RULES[job.option].label} {job.type}
        {!OPTION_RULES[job.option].managedInConsole && (
          <Box variant="small" color="text-body-secondary" display="block">
            Managed outside the console
          </Box>
        )}
      </>
    ),
  },
  {
    id: 'progress',
    header: 'Moved',
    minWidth: 110,
    cell: ({ progress }) =>
      progress
        ? `${formatBytes(progress.bytes)}${progress.totalBytes > 0 ? ` of ${formatBytes(progress.totalBytes)}` : ''}`
        : '–',
  },
  {
    id: 'since',
    header: 'Since',
    sortingField: 'since',
    minWidth: 130,
    cell: (job) => <Instant at={job.stateSince} />,
  },
  {
    id: 'copy',
    sortingField: 'copy',
    header: 'Copy',
    minWidth: 150,
    cell: (job) => <CopyStatus phase={job.copyPhase} />,
  },
  {
    id: 'size',
    header: 'Device size',
    sortingField: 'size',
    minWidth: 100,
    cell: (job) => formatSize(job.sizeBytes),
  },
  {
    id: 'id',
    header: 'Job id',
    minWidth: 200,
    cell: ({ id }) => <Copyable text={id} what="job id" />,
  },
  {
    id: 'outcome',
    header: 'Outcome',
    sortingField: 'outcome',
    cell: ({ outcome }) => (outcome ? OUTCOME_WORDS[outcome] : '–'),
  },
  {
    id: 'bucket',
    header: 'Bucket',
    sortingField: 'bucket',
    cell: (job) => `${job.storeId}/${job.bucket}`,
  },
  { id: 'device', header: 'Device', sortingField: 'device', cell: (job) => job.deviceId ?? '–' },
  {
    id: 'createdBy',
    header: 'Created by',
    sortingField: 'createdBy',
    cell: (job) => job.createdByName,
  },
  {
    id: 'created',
    header: 'Created',
    sortingField: 'created',
    cell: (job) => <Instant at={job.createdAt} />,
  },
];
