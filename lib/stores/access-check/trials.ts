import { isWaybillError } from '../../domain/errors.ts';
import { Stopped } from '../../domain/stopped.ts';
import type { RightTrial, StoreRight } from '../../domain/store-rights.ts';
import { failureOf } from '../remote/errors.ts';

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
