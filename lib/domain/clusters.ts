import type { JobState } from './words.ts';

/** A cluster: jobs of one device each that import one data set side by side. */

/** As many as AWS takes. */
export const CLUSTER_JOBS_MAX = 16;

/** ClusterState of the Snowball API. */
export type ClusterState = 'AwaitingQuorum' | 'Pending' | 'InUse' | 'Complete' | 'Cancelled';

const BEFORE_DELIVERY: readonly JobState[] = [
  'created',
  'preparing',
  'ready-to-ship',
  'in-transit-to-site',
];

/**
 * Where a cluster is, by the states of its jobs: it awaits its quorum, and can be changed and cancelled, until
 * the first job goes on; it is in use from the first delivery until every device is back. A job that was
 * cancelled does not count.
 */
export function clusterState(isCancelled: boolean, states: readonly JobState[]): ClusterState {
  if (isCancelled) return 'Cancelled';
  const counted = states.filter((state) => state !== 'cancelled');
  if (counted.every((state) => state === 'created')) return 'AwaitingQuorum';
  if (counted.every((state) => state === 'completed')) return 'Complete';
  return counted.every((state) => BEFORE_DELIVERY.includes(state)) ? 'Pending' : 'InUse';
}
