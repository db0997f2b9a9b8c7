import type { JobState } from './words.ts';

/** AWS JobState of the Snowball API 2016-06-30. A disk job reports AWS's two axes instead. */
export const AWS_JOB_STATE: Record<JobState, string> = {
  created: 'New',
  preparing: 'PreparingAppliance',
  exporting: 'InProgress',
  'ready-to-ship': 'PreparingShipment',
  'in-transit-to-site': 'InTransitToCustomer',
  'at-site': 'WithCustomer',
  'in-transit-to-facility': 'InTransitToAWS',
  'at-sorting': 'WithAWSSortingFacility',
  'at-facility': 'WithAWS',
  importing: 'InProgress',
  erasing: 'WithAWS',
  returning: 'InTransitToCustomer',
  completed: 'Complete',
  cancelled: 'Cancelled',
};

/** LocationCode and ProgressCode of the Import/Export API 2010-06-01. */
export function awsDiskStatus(state: JobState): { location: string; progress: string } {
  const location: Partial<Record<JobState, string>> = {
    'at-facility': 'AtAWS',
    importing: 'AtAWS',
    exporting: 'AtAWS',
    returning: 'Returned',
    'at-site': 'Returned',
    completed: 'Returned',
  };
  const progress: Partial<Record<JobState, string>> = {
    importing: 'InProgress',
    exporting: 'InProgress',
    returning: 'Complete',
    'at-site': 'Complete',
    completed: 'Complete',
    cancelled: 'Canceled',
  };
  return { location: location[state] ?? 'NotReceived', progress: progress[state] ?? 'Pending' };
}
