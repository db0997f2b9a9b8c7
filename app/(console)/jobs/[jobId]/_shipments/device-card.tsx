'use client';

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { measureWords } from '../../../../../lib/domain/devices.ts';
import { missingFor } from '../../../../../lib/domain/irreversible.ts';
import { permits } from '../../../../../lib/domain/permissions.ts';
import { formatSize } from '../../../../../lib/domain/sizes.ts';
import { usePerson } from '../../../../_data/session.tsx';
import { ErasureDownloads } from '../../../../_parts/erasure-downloads.tsx';
import { DeviceStatus } from '../../../../_parts/status.tsx';
import { Instant } from '../../../../_ui/instant.tsx';
import { RouterLink } from '../../../../_ui/router-link.tsx';
import type { JobPartProps } from '../job-part.ts';

/** The device that carries the job, and the tamper seals it left with last. */
export function DeviceCard({ job, onOpenDialog }: JobPartProps) {
  const { role } = usePerson();
  const mayDestroy =
    permits(role, 'job.destroy-key') &&
    job.manageable &&
    job.volumeKind === 'sealed' &&
    job.keyDestroyedAt === null &&
    missingFor('destroy-key', job.evidence).length === 0;
  const { device, lease } = job;
  const seals = job.shipments.at(-1)?.sealNumbers ?? [];
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {mayDestroy && (
                <Button onClick={() => onOpenDialog({ what: 'destroy-key' })}>
                  Destroy the key
                </Button>
              )}
              {job.erased && <ErasureDownloads jobId={job.id} />}
            </SpaceBetween>
          }
        >
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
            ...(job.keyDestroyedAt
              ? [{ label: 'Key destroyed', value: <Instant at={job.keyDestroyedAt} /> }]
              : []),
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
