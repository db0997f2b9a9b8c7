'use client';

import type { DeviceDetail } from '../../../lib/api/schemas/device-schemas.ts';
import type { DevicePlace } from '../../../lib/domain/devices.ts';
import type { DeviceOwner } from '../../../lib/domain/words.ts';
import { RouterLink } from '../../_ui/router-link.tsx';

export const PLACE_WORDS: Record<DevicePlace, string> = {
  facility: 'Facility',
  site: 'Site',
  'to-site': 'On its way to the site',
  'to-facility': 'On its way to the facility',
  customer: 'With the customer',
  unknown: 'Unknown',
};

export const OWNER_WORDS: Record<DeviceOwner, string> = {
  provider: 'Appliance',
  customer: 'Customer’s disk',
};

/** The job that has a device. */
export function DeviceJob({ job }: { job: DeviceDetail['job'] }) {
  return job ? <RouterLink href={`/jobs/${job.id}`}>{job.name}</RouterLink> : <>–</>;
}
