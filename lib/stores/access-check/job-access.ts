import { opendirSync } from 'node:fs';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { missingRights, type RightTrial } from '../../domain/store-rights.ts';
import type { JobType } from '../../domain/words.ts';
import { BucketPlace } from '../local/bucket-place.ts';
import type { StoreSpec } from '../store-spec.ts';
import { tryRights } from './check-access.ts';
import { tryReading } from './s3-read-access.ts';
import { RightTrials } from './trials.ts';

/** What a job needs of its store before a device goes anywhere: the bucket, and every right that its type uses. */

/**
 * Tries the store of a job from this host. An import writes an object below `.waybill-tmp/` and takes it away; an
 * export writes nothing. Throws Stopped when the signal aborts, BucketNotFound, StoreRightsMissing, StoreFull, StoreRefuses,
 * StoreOutOfReach.
 */
export async function requireStoreFor(
  type: JobType,
  { spec, prefix }: { spec: StoreSpec; prefix: string },
  signal?: AbortSignal,
): Promise<void> {
  let trials: RightTrial[];
  try {
    trials =
      type === 'import'
        ? (await tryRights(spec, signal)).trials
        : await readTrials(spec, prefix, signal);
  } catch (error) {
    const isElsewhere = isWaybillError(error) && error.facts.refusal === 'not-mounted';
    if (!isElsewhere && !isWaybillError(error, 'StoreUnavailable')) throw error;
    throw new WaybillError('StoreOutOfReach', { detail: error.message }, { cause: error });
  }
  const rights = missingRights(trials);
  if (rights !== '')
    throw new WaybillError('StoreRightsMissing', { bucket: spec.bucket, type, rights });
}

async function readTrials(
  spec: StoreSpec,
  prefix: string,
  signal: AbortSignal | undefined,
): Promise<RightTrial[]> {
  const rights = new RightTrials(spec);
  if ('root' in spec) {
    const place = new BucketPlace(spec);
    place.require();
    await rights.try('list', [], () => opendirSync(place.dir).closeSync());
  } else await tryReading(spec, prefix, rights, signal);
  rights.requireRoom();
  return rights.trials;
}
