import { isWaybillError } from '../../domain/errors.ts';
import { Stopped } from '../../domain/stopped.ts';
import type { RightTrial, StoreRight } from '../../domain/store-rights.ts';
import { openStore } from '../open.ts';
import { failureOf } from '../remote/errors.ts';
import type { RemoteAbilities, StoreSpec } from '../store.ts';
import { tryFolder } from './directory-access.ts';
import { tryBucket } from './s3-access.ts';

/** Tries rights one after the other; what was refused is kept, and what needs it is not tried. */
export class RightTrials {
  readonly trials: RightTrial[] = [];

  /** Runs a trial. `needs`: rights without which it would say nothing. Typed errors end all trials. */
  async try(right: StoreRight, needs: StoreRight[], work: () => unknown): Promise<boolean> {
    const may = needs.every((name) => this.#allows(name));
    try {
      if (may) await work();
      this.trials.push({ right, state: may ? 'allowed' : 'untried', detail: '' });
      return may;
    } catch (error) {
      if (isWaybillError(error) || error instanceof Stopped) throw error;
      this.refuse(right, error);
      return false;
    }
  }

  /** Notes what the store said to a refusal. */
  refuse(right: StoreRight, error: unknown): void {
    const { name, message } = failureOf(error);
    const isNamed = message === '' || message.startsWith(name) || isWaybillError(error);
    const detail = isNamed ? message || name : `${name}: ${message}`;
    this.trials.push({ right, state: 'refused', detail });
  }

  #allows(right: StoreRight): boolean {
    return this.trials.some((trial) => trial.right === right && trial.state === 'allowed');
  }
}

/**
 * Tries every right that Waybill needs in a bucket, each by itself, and leaves nothing; then asks what the
 * endpoint can do. Throws Stopped, BucketNotFound; StoreUnavailable when the store does not answer.
 */
export async function tryRights(
  spec: StoreSpec,
  signal?: AbortSignal,
): Promise<{ trials: RightTrial[]; abilities: RemoteAbilities | undefined }> {
  const rights = new RightTrials();
  if ('root' in spec) await tryFolder(spec, rights);
  // A snapshot of EBS lies in no bucket: its store knows what it needs.
  else if (spec.kind !== 'ebs') await tryBucket(spec, rights, signal);
  const refused = rights.trials.some(({ state }) => state !== 'allowed');
  if (refused) return { trials: rights.trials, abilities: undefined };
  const store = openStore(spec, signal);
  let abilities: RemoteAbilities | undefined;
  try {
    await rights.try('use', [], async () => {
      abilities = await store.check();
    });
  } catch (error) {
    if (error instanceof Stopped) throw error;
    // What the store itself finds wrong is the answer to this trial.
    rights.refuse('use', error);
  } finally {
    await store.close();
  }
  return { trials: rights.trials, abilities };
}
