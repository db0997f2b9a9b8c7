'use client';

import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import { addressLines } from '../../../../lib/domain/addresses.ts';
import { ARCHIVE_UNIT_LABELS } from '../../../../lib/domain/archives.ts';
import { counted } from '../../../../lib/domain/counted.ts';
import { OPTION_RULES } from '../../../../lib/domain/options.ts';
import { OVERWRITE_WORDS } from '../../../../lib/domain/overwriting.ts';
import { formatSize } from '../../../../lib/domain/sizes.ts';
import { CopyStatus } from '../../../_parts/status.tsx';
import { Copyable } from '../../../_ui/copyable.tsx';
import { Instant } from '../../../_ui/instant.tsx';
import { RouterLink } from '../../../_ui/router-link.tsx';
import { jobsAddress } from '../list-address.ts';

const GROUPS = { cluster: 'Cluster', export: 'Export of several devices' } as const;

/** To the jobs that belong together. */
function GroupLink({ id, jobs }: NonNullable<JobDetail['group']>) {
  return <RouterLink href={jobsAddress(`group = ${id}`)}>{counted(jobs, 'job')}</RouterLink>;
}

/** What the job is. */
export function FactsCard({ job }: { job: JobDetail }) {
  const { device, store, bucket, prefix, group, address, processing } = job;
  const range = [job.rangeBegin, job.rangeEnd].filter((key) => key !== null).join(' to ');
  const steps = processing?.steps.map(({ step }) => step).join(', ');
  return (
    <Container header={<Header variant="h2">About the job</Header>}>
      <KeyValuePairs
        columns={2}
        items={[
          { label: 'Option', value: `${OPTION_RULES[job.option].label}, ${job.type}` },
          {
            label: job.type === 'import' ? 'Into' : 'From',
            value: `${store.name}: ${bucket}/${prefix}${range && ` (keys ${range})`}`,
          },
          ...(store.kind === 'glacier'
            ? [{ label: 'One archive is', value: ARCHIVE_UNIT_LABELS[job.archive] }]
            : []),
          ...(job.type === 'import'
            ? [
                {
                  label: 'Objects that are there already',
                  value: OVERWRITE_WORDS[job.overwritePolicy],
                },
              ]
            : []),
          { label: 'Device size', value: formatSize(job.sizeBytes) },
          {
            label: 'Encryption',
            value: job.encrypted ? 'AES-256-GCM, sealed volume' : 'none: a plain BagIt bag',
          },
          { label: 'Device', value: device ? <Copyable text={device.id} what="device id" /> : '–' },
          ...(device?.measure?.simulated
            ? [{ label: 'Kind of device', value: 'simulated: a folder stands in for it' }]
            : []),
          { label: 'Copy', value: <CopyStatus phase={job.copyPhase} /> },
          { label: 'Site', value: address ? addressLines(address).slice(0, 2).join(', ') : '–' },
          { label: 'Processing at the edge', value: steps || 'none' },
          { label: 'Job id', value: <Copyable text={job.id} what="job id" /> },
          ...(group ? [{ label: GROUPS[group.kind], value: <GroupLink {...group} /> }] : []),
          { label: 'Created', value: <Instant at={job.createdAt} /> },
          { label: 'By', value: job.createdByName },
          { label: 'In this state since', value: <Instant at={job.stateSince} /> },
        ]}
      />
    </Container>
  );
}
