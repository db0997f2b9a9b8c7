import type { RemotePlace } from './store.ts';

/** What the clients of remote stores have in common. */

/** Answers of a server that has no time are tried again, with growing pauses, for about a minute. */
const ATTEMPTS = 8;
const SOCKETS = 64;
const CONNECT_MS = 10_000;
const IDLE_MS = 120_000;

/** How a client of the AWS SDK reaches a place. */
export async function clientConfig(place: RemotePlace) {
  // Exactly `true`: the SDK warns of Node 20 on every start.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const [{ Agent: HttpAgent }, { Agent: HttpsAgent }] = await Promise.all([
    import('node:http'),
    import('node:https'),
  ]);
  const { accessKeyId, secretAccessKey, sessionToken } = place.credentials;
  const agent = { keepAlive: true, maxSockets: SOCKETS, scheduling: 'lifo' } as const;
  return {
    region: place.region,
    ...(place.endpoint === '' ? {} : { endpoint: place.endpoint }),
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
    maxAttempts: place.attempts ?? ATTEMPTS,
    requestHandler: {
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
      connectionTimeout: CONNECT_MS,
      socketTimeout: IDLE_MS,
    },
  };
}
