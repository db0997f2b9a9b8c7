import { isWaybillError, type WaybillError } from '../../domain/errors.ts';
import { Stopped } from '../../domain/stopped.ts';
import { goesBy } from '../../domain/store-refusals.ts';
import { type RightTrial, STORE_RIGHTS, type StoreRight } from '../../domain/store-rights.ts';
import { failureOf, refusalError } from '../remote/errors.ts';
import { storeError } from '../store-errors.ts';
import type { StoreSpec } from '../store-spec.ts';

/**
 * Tries rights one after the other; what was refused is kept, and what needs it is not tried. A store without room or time
 * refuses no right: `requireRoom` says so once all trials have cleared up.
 */
export class RightTrials {
  readonly trials: RightTrial[] = [];
  readonly #spec: StoreSpec;
  #noRoom: WaybillError | undefined;

  constructor(spec: StoreSpec) {
    this.#spec = spec;
  }

  /** Runs a trial. `needs`: rights without which it would say nothing. Typed errors end all trials. */
  async try(right: StoreRight, needs: StoreRight[], work: () => unknown): Promise<boolean> {
    const may = needs.every((name) => this.#allows(name));
    try {
      if (may) await work();
      this.trials.push({ right, state: may ? 'allowed' : 'untried', detail: '' });
      return may;
    } catch (error) {
      if (isWaybillError(error) || error instanceof Stopped) throw error;
      this.#noRoom ??= this.#roomError(right, error);
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

  /** Throws StoreFull, StoreRefuses (nothing of this size), StoreUnavailable (no time) where that was what a trial met. */
  requireRoom(): void {
    if (this.#noRoom) throw this.#noRoom;
  }

  /** What an error of a trial means by the table of refusals, where that goes by room, size or time and not by a right. */
  #roomError(right: StoreRight, error: unknown): WaybillError | undefined {
    const meaning =
      'root' in this.#spec
        ? storeError(error)
        : refusalError(error, this.#spec.bucket, STORE_RIGHTS[right].label.toLowerCase());
    return isWaybillError(meaning) && goesBy(meaning) ? meaning : undefined;
  }

  #allows(right: StoreRight): boolean {
    return this.trials.some((trial) => trial.right === right && trial.state === 'allowed');
  }
}
