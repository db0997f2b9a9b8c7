import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { onTestFinished } from 'vitest';

/** Lets a server listen on a free port of loopback until the test ends. Returns its URL. */
export async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return `http://127.0.0.1:${address.port}`;
}

/**
 * Serves on loopback, until the test ends, what answers requests as a route of the console does. `origin`: where
 * it believes to be; where it is when missing. Returns its URL.
 */
export function serving(
  answer: (request: Request) => Promise<Response>,
  origin?: string,
): Promise<string> {
  const server = createServer(async (incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.on('close', () => gone.abort());
    const response = await answer(requestOf(incoming, gone.signal, origin));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    if (!response.body) return outgoing.end();
    // Whoever asked may leave in the middle.
    await pipeline(Readable.fromWeb(response.body as WebStream), outgoing).catch(() => undefined);
  });
  return listening(server);
}

const BODILESS = ['GET', 'HEAD', 'DELETE'];

function requestOf(
  incoming: IncomingMessage,
  signal: AbortSignal,
  origin = `http://${incoming.headers.host}`,
): Request {
  const { method = 'GET', url } = incoming;
  const headers = Object.entries(incoming.headers).map(([k, v]): [string, string] => [k, `${v}`]);
  const body = Readable.toWeb(incoming) as ReadableStream;
  return new Request(`${origin}${url}`, {
    method,
    headers,
    signal,
    ...(BODILESS.includes(method) ? {} : { body, duplex: 'half' }),
  } as RequestInit);
}
