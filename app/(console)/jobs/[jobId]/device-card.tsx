'use client';

import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import { measureWords } from '../../../../lib/domain/devices.ts';
import { formatSize } from '../../../../lib/domain/sizes.ts';
import { ErasureDownloads } from '../../../_ui/erasure-downloads.tsx';
import { RouterLink } from '../../../_ui/router-link.tsx';
import { DeviceStatus } from '../../../_ui/status.tsx';

/** The device that carries the job, and the tamper seals it left with last. */
export function DeviceCard({ job }: { job: JobDetail }) {
  const { device, lease } = job;
  const seals = job.shipments.at(-1)?.sealNumbers ?? [];
  return (
    <Container
      header={
        <Header variant="h2" actions={job.erased && <ErasureDownloads jobId={job.id} />}>
          Device
        </Header>
      }
    >
      {device ? (
        <KeyValuePairs
          columns={4}
          items={[
            {
              label: 'Device',
              value: <RouterLink href={`/devices/${device.id}`}>{device.id}</RouterLink>,
            },
            {
              label: 'State now',
              value: (
                <>
                  <DeviceStatus state={device.state} />
                  {device.jobId !== null && device.jobId !== job.id && (
                    <>
                      , with <RouterLink href={`/jobs/${device.jobId}`}>another job</RouterLink>
                    </>
                  )}
                </>
              ),
            },
            {
              label: 'Owner and capacity',
              value: `${device.owner === 'provider' ? 'the provider' : 'the customer'}, ${formatSize(device.capacityBytes)}`,
            },
            ...(device.measure ? [{ label: 'Measured', value: measureWords(device.measure) }] : []),
            { label: 'Tamper seals', value: seals.join(', ') || 'none noted' },
            {
              label: 'Volume',
              value: (
                <>
                  {job.volumeKind === 'sealed' ? 'encrypted' : 'BagIt bag'}{' '}
                  <span className="long-word">{job.volumeId}</span>
                </>
              ),
            },
            ...(lease ? [{ label: 'At work', value: `${lease.holder}: ${lease.work}` }] : []),
            ...(device.note ? [{ label: 'Note', value: device.note }] : []),
          ]}
        />
      ) : (
        <Box color="text-body-secondary">
          No device yet. The station gives the job the next free device that is connected to it.
        </Box>
      )}
    </Container>
  );
}
