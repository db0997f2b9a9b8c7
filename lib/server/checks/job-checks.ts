import { isWaybillError } from '../../domain/errors.ts';
import type { NewJob } from '../../domain/new-job.ts';
import { reportPlace } from '../../domain/report-place.ts';
import { requireStoreFor } from '../../stores/access-check/job-access.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import type { ServerContext } from '../context/server-context.ts';
import { checkRules, createJob } from '../jobs/create-job.ts';
import type { Job } from '../jobs/job.ts';
import { beginSumming } from '../ranges/range-sums.ts';
import { openSpec } from '../stores/open-store-spec.ts';
import { getStore } from '../stores/stores.ts';

type Checking = Pick<ServerContext, 'db' | 'kms' | 'log'>;

/**
 * Creates a job once its store has shown that the job can end: the bucket is there and every right that is needed.
 * With `skipStoreCheck`, for stores that the console does not reach, the station tries it when it prepares the
 * device. Throws what `createJob` throws, BucketNotFound, StoreRightsMissing, StoreFull, StoreRefuses, StoreOutOfReach.
 */
export async function createCheckedJob(
  context: Checking,
  actor: Actor,
  { skipStoreCheck = false, ...job }: NewJob & { skipStoreCheck?: boolean },
  now: Date,
): Promise<Job> {
  authorize(actor, 'job.create');
  await checkRules(context.db.read, job);
  if (!skipStoreCheck) await checkStoreOf(context, job);
  const made = await createJob(context.db, actor, job, now);
  beginSumming(context, made);
  return made;
}

/** Tries the store of a job from here. Throws BucketNotFound, StoreRightsMissing, StoreFull, StoreRefuses, StoreOutOfReach. */
export async function checkStoreOf(
  context: Pick<Checking, 'db' | 'kms'>,
  { storeId, bucket, prefix = '', type }: Pick<NewJob, 'storeId' | 'bucket' | 'prefix' | 'type'>,
): Promise<void> {
  const spec = await openSpec(context, storeId, bucket);
  await requireStoreFor(type, { spec, prefix });
  if (type !== 'import' || spec.kind === 'ebs') return;
  const { settings } = await getStore(context.db.read, storeId);
  const { bucket: reports } = reportPlace(settings?.reports, bucket);
  if (reports !== bucket)
    await requireStoreFor(type, { spec: await openSpec(context, storeId, reports), prefix });
}

/** As `checkStoreOf` for callers that cannot say whether to skip it: a store that is out of reach is tried by the station. */
export async function checkStoreInReach(
  context: Pick<Checking, 'db' | 'kms'>,
  job: Parameters<typeof checkStoreOf>[1],
): Promise<void> {
  try {
    await checkStoreOf(context, job);
  } catch (error) {
    if (!isWaybillError(error, 'StoreOutOfReach')) throw error;
  }
}
