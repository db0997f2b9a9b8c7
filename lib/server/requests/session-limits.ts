import type { RouteName } from '../../api/wire.ts';
import { checkChannel } from '../../domain/lifecycle-decision.ts';
import type { Actor } from '../actors/actor.ts';
import type { Reader } from '../db/database.ts';
import { getJob } from '../jobs/job.ts';

/**
 * What programs do for a job, and no page: copies, stations and their leases. A job that is not managed in the console
 * is not managed by a browser's session in these ways either. Functions behind other routes name the very command instead.
 */
export const PROGRAM_ROUTES: readonly RouteName[] = [
  'stationCredentials',
  'putStoreMarker',
  'putRangeSum',
  'putDevice',
  'devicePrepared',
  'deviceProved',
  'deviceErased',
  'sendEvent',
  'putSealReceipt',
  'reopened',
  'putReport',
  'claimWork',
  'renewLease',
  'releaseLease',
  'allowErase',
];

/** Throws NotManageableInConsole, NotFound. */
export async function checkSession(
  db: Reader,
  actor: Actor,
  route: RouteName,
  jobId: string | undefined,
): Promise<void> {
  if (actor.channel !== 'browser' || jobId === undefined || !PROGRAM_ROUTES.includes(route)) return;
  const { option } = await getJob(db, jobId);
  checkChannel(option, actor.channel, 'waybill --help lists what there is');
}
