'use client';

import SpaceBetween from '@cloudscape-design/components/space-between';
import { legsOf } from '../../../../../lib/domain/shipments.ts';
import type { JobPartProps } from '../job-part.ts';
import { DeviceCard } from './device-card.tsx';
import { LegCard } from './leg-card.tsx';

/** The device, and both of its ways. */
export function ShipmentsTab({ job, onOpenDialog }: JobPartProps) {
  return (
    <SpaceBetween size="l">
      <DeviceCard job={job} onOpenDialog={onOpenDialog} />
      {legsOf(job.option).map((leg) => (
        <LegCard key={leg} job={job} leg={leg} onOpenDialog={onOpenDialog} />
      ))}
    </SpaceBetween>
  );
}
