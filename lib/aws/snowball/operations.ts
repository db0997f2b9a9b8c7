import { accountOperations } from './account-operations.ts';
import { addressOperations } from './address-operations.ts';
import type { SnowballOperation } from './call.ts';
import { clusterOperations } from './cluster-operations.ts';
import { deviceOperations } from './device-operations.ts';
import { jobOperations } from './job-operations.ts';

/** Every operation that is served, by its name on the wire. */
export const SNOWBALL_OPERATIONS: ReadonlyMap<string, SnowballOperation> = new Map(
  Object.entries({
    ...addressOperations,
    ...jobOperations,
    ...clusterOperations,
    ...deviceOperations,
    ...accountOperations,
  }),
);
