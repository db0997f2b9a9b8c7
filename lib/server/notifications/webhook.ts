import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Webhook } from 'standardwebhooks';
import { isWaybillError } from '../../domain/errors.ts';
import { outsideLookup, webhookUrl } from './private-network.ts';

/** How an attempt ended: `error` is null when it went through. */
export interface AttemptResult {
  /** HTTP status, or SMTP reply code; null when there was no answer. */
  status: number | null;
  error: string | null;
}

const ANSWER_WITHIN_MS = 15_000;

/**
 * Posts a message as Standard Webhooks has it: id, time and HMAC-SHA256 signature in headers. Redirects are not
 * followed, the answer's body is not read.
 */
export async function postWebhook(
  target: { address: string; secret: string; allowPrivate: boolean },
  message: { id: string; body: string },
  now: Date,
): Promise<AttemptResult> {
  try {
    const url = webhookUrl(target.address, target.allowPrivate);
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(message.body)),
      'user-agent': 'Waybill',
      'webhook-id': message.id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(target.secret).sign(message.id, now, message.body),
    };
    const status = await post(url, headers, message.body, target.allowPrivate);
    return { status, error: status >= 200 && status < 300 ? null : `the answer was ${status}` };
  } catch (error) {
    return { status: null, error: describeFailure(error) };
  }
}

function post(
  url: URL,
  headers: Record<string, string>,
  body: string,
  allowPrivate: boolean,
): Promise<number> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      headers,
      agent: false,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      ...(allowPrivate ? {} : { lookup: outsideLookup }),
    } as const;
    const request = send(url, options, (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.on('error', reject);
    request.end(body);
  });
}

function describeFailure(error: unknown): string {
  if (isWaybillError(error)) return error.message;
  if (error instanceof Error && error.name === 'AbortError') return 'no answer in 15 seconds';
  const { code } = error as { code?: string };
  return typeof code === 'string' ? code : 'the connection failed';
}
