'use client';

import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import { counted } from '../../../../lib/domain/counted.ts';
import { permits } from '../../../../lib/domain/permissions.ts';
import { fitsOneDevice, partWords } from '../../../../lib/domain/range-sum.ts';
import { formatSize } from '../../../../lib/domain/sizes.ts';
import { useCall } from '../../../_data/api.ts';
import { usePerson } from '../../../_data/session.tsx';
import { Command } from '../../../_ui/copyable.tsx';
import { inOneText, sayError } from '../../../_ui/failure.tsx';
import { Instant } from '../../../_ui/instant.tsx';
import { useNotify } from '../../../_ui/notices.tsx';

const SHOWN_PARTS = 10;

/** What an export takes, and how it is divided when it does not fit on one device. */
export function RangeCard({ job }: { job: JobDetail }) {
  const { rangeSum, sizeBytes, id: jobId } = job;
  const { role } = usePerson();
  const notify = useNotify();
  const list = useCall('sumRange');
  const split = useCall('splitJob', ({ jobs }) => {
    notify('success', `The export is divided: ${counted(jobs.length, 'job')}.`);
  });
  const mayChange = permits(role, 'job.change') && job.manageable && !job.devicePrepared;
  const fits = rangeSum === null || fitsOneDevice(rangeSum, sizeBytes);
  const error = list.error ?? split.error;
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            mayChange && (
              <SpaceBetween direction="horizontal" size="xs">
                <Button loading={list.isPending} onClick={() => list.mutate({ params: { jobId } })}>
                  List it again
                </Button>
                {!fits && rangeSum.parts.length > 1 && (
                  <Button
                    variant="primary"
                    loading={split.isPending}
                    onClick={() => split.mutate({ params: { jobId }, body: {} })}
                  >
                    Make a job of each part
                  </Button>
                )}
              </SpaceBetween>
            )
          }
        >
          What it takes
        </Header>
      }
    >
      <SpaceBetween size="m">
        {error && <Alert type="error">{inOneText(sayError(error))}</Alert>}
        {rangeSum ? (
          <KeyValuePairs
            columns={4}
            items={[
              { label: 'Objects', value: rangeSum.objects.toLocaleString('en-US') },
              { label: 'Bytes', value: formatSize(rangeSum.bytes) },
              { label: 'Listed', value: <Instant at={rangeSum.listedAt} /> },
              { label: 'Completion reports', value: job.includeReports ? 'taken' : 'left out' },
            ]}
          />
        ) : (
          'Not listed yet. The console does it when it reaches the store, else the station does before it prepares a device.'
        )}
        {!fits && (
          <Alert
            type="warning"
            header={`More than one device of ${formatSize(sizeBytes)}: ${counted(rangeSum.parts.length, 'part')}`}
          >
            <ol>
              {rangeSum.parts.slice(0, SHOWN_PARTS).map((part) => (
                <li key={part.begin ?? ''} className="long-word">
                  {partWords(part)}
                </li>
              ))}
            </ol>
            {rangeSum.parts.length > SHOWN_PARTS && (
              <p>and {rangeSum.parts.length - SHOWN_PARTS} more</p>
            )}
            {!job.manageable && <Command text={`waybill job split ${jobId}`} />}
          </Alert>
        )}
      </SpaceBetween>
    </Container>
  );
}
