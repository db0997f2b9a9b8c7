import { createTransport } from 'nodemailer';
import { WaybillError } from '../../domain/errors.ts';
import type { SmtpSecurity } from '../../domain/notifications.ts';
import type { AttemptResult } from './webhook.ts';

/** The installation's mail server. */
export interface MailServer {
  host: string;
  port: number;
  security: SmtpSecurity;
  user: string;
  password: string | undefined;
  from: string;
}

export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** Makes the Message-ID, so that a repeated mail can be told. */
  id: string;
}

const WAIT_MS = 15_000;

/** Sends one mail of plain text. It never throws: how it ended is the result. */
export async function sendMail(server: MailServer, mail: Mail): Promise<AttemptResult> {
  const { host, port, security, user, password, from } = server;
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user === '' ? {} : { auth: { user, pass: password ?? '' } }),
    connectionTimeout: WAIT_MS,
    greetingTimeout: WAIT_MS,
    socketTimeout: WAIT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { to, subject, text, id } = mail;
    const messageId = `<${id}@${from.split('@')[1] ?? 'waybill'}>`;
    const headers = { 'auto-submitted': 'auto-generated' };
    const sent = await transport.sendMail({ from, to, subject, text, messageId, headers });
    return { status: Number(/^\d{3}/.exec(sent.response)?.[0] ?? 250), error: null };
  } catch (error) {
    const { responseCode = null, code = 'the mail server does not answer' } = error as {
      responseCode?: number;
      code?: string;
    };
    return { status: responseCode, error: WORDS[code] ?? code };
  } finally {
    transport.close();
  }
}

/** What went wrong, without what was said to the server. */
const WORDS: Record<string, string> = {
  EAUTH: 'the mail server refused user name or password',
  ESOCKET: 'the connection to the mail server failed',
  ECONNECTION: 'the connection to the mail server failed',
  ETLS: 'the mail server offers no encryption',
  ETIMEDOUT: 'the mail server did not answer in time',
  EDNS: 'the name of the mail server is not known',
  EENVELOPE: 'the mail server refused the sender or the recipient',
  EMESSAGE: 'the mail server refused the message',
};

/** Throws MailNotSet when there is no mail server. */
export function requireMailServer(server: MailServer | undefined): MailServer {
  if (!server) throw new WaybillError('MailNotSet');
  return server;
}
