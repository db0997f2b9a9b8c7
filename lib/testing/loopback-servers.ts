import { onTestFinished } from 'vitest';
import { listening } from './listening.ts';
import { mailServer, type Received, webhookServer } from './receivers.ts';

/** A webhook's receiver on this host until the test ends; `answer` says with which status it answers. */
export async function webhookReceiver(
  answer: (received: Received, count: number) => number,
): Promise<{ url: string; received: Received[] }> {
  const { server, received } = webhookServer(answer);
  return { url: `${await listening(server)}/hook`, received };
}

/** A mail server on this host until the test ends. */
export async function mailReceiver(): Promise<{ port: number; mails: string[] }> {
  const { close, ...receiver } = await mailServer();
  onTestFinished(close);
  return receiver;
}
