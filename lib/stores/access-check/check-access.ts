import { isWaybillError } from '../../domain/errors.ts';
import { Stopped } from '../../domain/stopped.ts';
import { goesBy } from '../../domain/store-refusals.ts';
import type { RightTrial } from '../../domain/store-rights.ts';
import { openStore } from '../open.ts';
import type { RemoteCapabilities, StoreSpec } from '../store-spec.ts';
import { tryFolder } from './directory-access.ts';
import { tryBucket } from './s3-access.ts';
import { RightTrials } from './trials.ts';

/**
 * Tries every right that Waybill needs in a bucket, each by itself, and leaves nothing; then asks what the
 * endpoint can do. Throws Stopped, BucketNotFound, StoreFull; StoreRefuses when it takes nothing of the size of a line;
 * StoreUnavailable when the store does not answer or has no time.
 */
export async function tryRights(
  spec: StoreSpec,
  signal?: AbortSignal,
): Promise<{ trials: RightTrial[]; capabilities: RemoteCapabilities | undefined }> {
  const rights = new RightTrials(spec);
  if ('root' in spec) await tryFolder(spec, rights);
  // A snapshot of EBS lies in no bucket: its store knows what it needs.
  else if (spec.kind !== 'ebs') await tryBucket(spec, rights, signal);
  rights.requireRoom();
  const refused = rights.trials.some(({ state }) => state !== 'allowed');
  if (refused) return { trials: rights.trials, capabilities: undefined };
  const store = openStore(spec, signal);
  let capabilities: RemoteCapabilities | undefined;
  try {
    await rights.try('use', [], async () => {
      capabilities = await store.check();
    });
  } catch (error) {
    if (error instanceof Stopped || (isWaybillError(error) && goesBy(error) === 'room'))
      throw error;
    // What the store itself finds wrong is the answer to this trial.
    rights.refuse('use', error);
  } finally {
    await store.close();
  }
  return { trials: rights.trials, capabilities };
}
