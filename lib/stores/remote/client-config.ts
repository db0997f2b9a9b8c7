import { setMaxListeners } from 'node:events';
import { Stopped } from '../../domain/stopped.ts';
import type { RemotePlace } from '../store-spec.ts';

/** What the clients of remote stores have in common. */

/** Answers of a server that has no time are tried again, with growing pauses, for about a minute. */
const ATTEMPTS = 8;
const SOCKETS = 64;
const CONNECT_MS = 10_000;
/** A request is given up when nothing of it and of its answer has moved for so long. */
const SILENCE_MS = 30_000;
/**
 * So many times as long for requests by which a store puts together what may be terabytes, and which it may do before
 * it says a word (Amazon S3 API Reference, CompleteMultipartUpload: "several minutes").
 */
const PATIENCE = 10;

/** How long the store may be silent: as with most requests, or with those that take it long. */
export type Patience = 'usual' | 'long';

/** How a client of the AWS SDK reaches a place. */
export async function clientConfig(place: RemotePlace, patience: Patience = 'usual') {
  // Exactly `true`: the SDK warns of Node 20 on every start.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const [{ Agent: HttpAgent }, { Agent: HttpsAgent }] = await Promise.all([
    import('node:http'),
    import('node:https'),
  ]);
  const { accessKeyId, secretAccessKey, sessionToken } = place.credentials;
  const agent = { keepAlive: true, maxSockets: SOCKETS, scheduling: 'lifo' } as const;
  const silenceMs = place.silenceMs ?? SILENCE_MS;
  return {
    region: place.region,
    ...(place.endpoint === '' ? {} : { endpoint: place.endpoint }),
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
    maxAttempts: place.attempts ?? ATTEMPTS,
    requestHandler: {
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
      connectionTimeout: CONNECT_MS,
      socketTimeout: patience === 'long' ? silenceMs * PATIENCE : silenceMs,
    },
  };
}

/** What of a client takes part in each of its requests. */
interface Client {
  destroy(): void;
  middlewareStack: {
    add(
      middleware: (
        next: (args: unknown) => Promise<unknown>,
      ) => (args: unknown) => Promise<unknown>,
      options: { step: 'initialize' | 'finalizeRequest'; priority: 'high' | 'low'; name: string },
    ): void;
  };
}

/**
 * Guards the requests of a client, until the function is called that it returns. The SDK sends no silent one again: whoever has sent it knows what else it may mean,
 * and tries it again. When the signal aborts, every request ends at once with Stopped, whatever it waits for, and no other begins.
 */
export function guardRequests(client: object, signal: AbortSignal | undefined): () => void {
  const { middlewareStack } = client as Client;
  // Within what sends again.
  const sendOnce = (next: (args: unknown) => Promise<unknown>) => async (args: unknown) => {
    if (signal?.aborted) throw new Stopped();
    try {
      return await next(args);
    } catch (error) {
      if (signal?.aborted) throw new Stopped();
      throw isSilence(error) ? new NoAnswer() : error;
    }
  };
  middlewareStack.add(sendOnce, {
    step: 'finalizeRequest',
    priority: 'low',
    name: 'waybill silence',
  });
  if (!signal) return () => undefined;
  // Around it: it may be pausing before it sends again.
  const untilStopped = (next: (args: unknown) => Promise<unknown>) => (args: unknown) =>
    orStopped(next(args), signal);
  middlewareStack.add(untilStopped, { step: 'initialize', priority: 'high', name: 'waybill stop' });
  // A request more or less listens; there are as many as objects on their way.
  setMaxListeners(0, signal);
  const destroy = () => (client as Client).destroy();
  if (signal.aborted) destroy();
  signal.addEventListener('abort', destroy, { once: true });
  return () => signal.removeEventListener('abort', destroy);
}

/** A request of which nothing came. It names no cause: the SDK looks there for what it may send again. */
export class NoAnswer extends Error {
  constructor() {
    super('no answer in time');
    this.name = 'NoAnswer';
  }
}

/** What the SDK's handler says of a socket on which nothing moves; other errors that it calls so have a code. */
const isSilence = (error: unknown): boolean =>
  error instanceof Error && error.name === 'TimeoutError' && !('code' in error);

/** Throws Stopped when the signal aborts first; what comes later is nobody's. */
async function orStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new Stopped());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
