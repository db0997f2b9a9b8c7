import { type ErrorCode, isWaybillError } from '../../lib/domain/errors.ts';
import { pause } from '../host/signals.ts';
import type { Outbox, Waiting } from './outbox.ts';

/** Tells the console one event. Throws what the console answers, or ConsoleUnreachable. */
export type Send<E> = (item: Waiting<E>, signal: AbortSignal) => Promise<void>;

/** After these the same event may go through later; it stays, and what comes after it waits for it. */
const LATER: readonly ErrorCode[] = [
  'ConsoleUnreachable',
  'TooManyRequests',
  'BodyTooSlow',
  'BodyIncomplete',
  'Internal',
  'NotSignedIn',
  'TokenInvalid',
  'TokenExpired',
  'TokenRevoked',
];

const BATCH = 100;

export interface Sent {
  sent: number;
  /** Refused for good, and dropped: the console knows better, such as after the job has moved on. */
  refused: { id: string; code: ErrorCode; message: string }[];
}

/**
 * Sends what waits, in order, until nothing is left. Throws when the console cannot be told now; what was not
 * sent stays.
 */
export async function sendWaiting<E>(
  outbox: Outbox<E>,
  send: Send<E>,
  signal: AbortSignal,
): Promise<Sent> {
  const result: Sent = { sent: 0, refused: [] };
  for (;;) {
    const batch = outbox.waiting(BATCH);
    if (batch.length === 0) return result;
    for (const { path, item } of batch) {
      signal.throwIfAborted();
      try {
        await send(item, signal);
        result.sent += 1;
      } catch (error) {
        if (!isWaybillError(error) || LATER.includes(error.code)) throw error;
        result.refused.push({ id: item.id, code: error.code, message: error.message });
      }
      outbox.remove(path);
    }
  }
}

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60_000;

export interface Sender {
  /** There is something new; an idle sender looks at once. */
  wake(): void;
  /** Tries once more to send what is left, for at most so many milliseconds, and ends. Never throws. */
  stop(withinMs: number): Promise<void>;
}

/**
 * Sends in the background, with longer pauses while the console does not answer. Never throws and never
 * holds up the work: what it cannot send waits for `waybill sync`.
 */
export function startSender<E>(
  outbox: Outbox<E>,
  send: Send<E>,
  onTrouble: (error: unknown) => void,
): Sender {
  const stopping = new AbortController();
  const ending = new AbortController();
  let wakeUp = new AbortController();
  let troubled = false;
  const loop = async () => {
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      const isLastTry = stopping.signal.aborted;
      wakeUp = new AbortController();
      try {
        await sendWaiting(outbox, send, ending.signal);
        troubled = false;
        if (isLastTry) return;
        pauseMs = FIRST_PAUSE_MS;
        await pause(LONGEST_PAUSE_MS, AbortSignal.any([wakeUp.signal, stopping.signal]));
      } catch (error) {
        if (!troubled && !ending.signal.aborted) onTrouble(error);
        troubled = true;
        if (isLastTry || ending.signal.aborted) return;
        await pause(pauseMs, stopping.signal);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
  };
  const running = loop();
  return {
    wake: () => wakeUp.abort(),
    async stop(withinMs) {
      stopping.abort();
      const timer = setTimeout(() => ending.abort(), withinMs);
      await running;
      clearTimeout(timer);
    },
  };
}
