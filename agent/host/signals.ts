import { EXIT } from '../../lib/domain/errors.ts';
import type { Output } from '../output/output.ts';

/** Aborts at the first SIGINT or SIGTERM, so that the work stops where it can go on; the second one ends the process. */
export function interruptSignal(output: Output): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    output.note('stopping at the next safe point; once more stops at once');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}

/** Waits so many milliseconds, or less when the signal aborts; it does not throw. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}

/** What is thrown when a signal stopped the work. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'AbortError';
  }
}
