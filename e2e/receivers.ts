import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A webhook's receiver on this host, and what it was sent. `status` is what it answers. */
export async function webhookReceiver() {
  const taken: { headers: IncomingHttpHeaders; body: string }[] = [];
  const hook = { taken, status: 204, url: '', close: () => server.close() };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    taken.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
    response.writeHead(hook.status).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  hook.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return hook;
}

/** A mail server on this host that takes mail of one user, and what it took. */
export async function mailServer() {
  const mails: string[] = [];
  const server = new SMTPServer({
    ...{ disabledCommands: ['STARTTLS'], authOptional: false, allowInsecureAuth: true },
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
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  const { port } = server.server.address() as AddressInfo;
  return { port, mails, close: () => new Promise<void>((done) => server.close(() => done())) };
}
