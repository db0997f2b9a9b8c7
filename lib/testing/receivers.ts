import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** What a receiver on this host was sent. */
export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A server that keeps what it is sent; `answer` says with which status it answers. It does not listen yet. */
export function webhookServer(answer: (received: Received, count: number) => number): {
  server: Server;
  received: Received[];
} {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const one = { headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
    received.push(one);
    const status = answer(one, received.length);
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('read me not');
  });
  return { server, received };
}

/** A mail server on loopback that takes mail from "waybill" with the password "secret", and what it took. */
export async function mailServer(): Promise<{
  port: number;
  mails: string[];
  close: () => Promise<void>;
}> {
  const mails: string[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      username === 'waybill' && password === 'secret'
        ? done(null, { user: username })
        : done(new Error('wrong password')),
    onData: async (stream, _session, done) => {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      mails.push(Buffer.concat(chunks).toString('utf8'));
      done();
    },
  });
  // A client that leaves in the middle ends no test.
  server.on('error', () => {});
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  const { port } = server.server.address() as AddressInfo;
  return { port, mails, close: () => new Promise<void>((done) => server.close(() => done())) };
}
