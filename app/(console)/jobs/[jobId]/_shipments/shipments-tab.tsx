'use client';

import SpaceBetween from '@cloudscape-design/components/space-between';
import { legsOf } from '../../../../../lib/domain/shipments.ts';
import type { JobPartProps } from '../job-part.ts';
import { DeviceCard } from './device-card.tsx';
import { LegCard } from './leg-card.tsx';

/** The device, and both of its ways. */
export function ShipmentsTab({ job, onAsk }: JobPartProps) {
  return (
    <SpaceBetween size="l">
      <DeviceCard job={job} onAsk={onAsk} />
      {legsOf(job.option).map((leg) => (
        <LegCard key={leg} job={job} leg={leg} onAsk={onAsk} />
      ))}
    </SpaceBetween>
  );
}
