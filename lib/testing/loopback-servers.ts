import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';
import { listening } from './listening.ts';

/** What a receiver on this host was sent. */
export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A webhook's receiver on this host; `answer` says with which status. */
export async function webhookReceiver(
  answer: (received: Received, count: number) => number,
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const one = { headers: request.headers, body };
      received.push(one);
      const status = answer(one, received.length);
      response
        .writeHead(status, status === 302 ? { location: '/elsewhere' } : {})
        .end('read me not');
    });
  });
  return { url: `${await listening(server)}/hook`, received };
}

/** A mail server on this host that takes mail from "waybill" with the password "secret". */
export async function mailReceiver(): Promise<{ port: number; mails: string[] }> {
  const mails: string[] = [];
  const server = new SMTPServer({
    ...{
      disabledCommands: ['STARTTLS'],
      authOptional: false,
      allowInsecureAuth: true,
      logger: false,
    },
    onAuth: ({ username, password }, _session, done) =>
      username === 'waybill' && password === 'secret'
        ? done(null, { user: username })
        : done(new Error('no')),
    onData: (stream, _session, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
      });
      stream.on('end', () => {
        mails.push(text);
        done();
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  onTestFinished(() => new Promise<void>((done) => server.close(() => done())));
  return { port: (server.server.address() as AddressInfo).port, mails };
}
