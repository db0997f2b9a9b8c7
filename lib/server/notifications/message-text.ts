import { FINAL_STATES } from '../../domain/lifecycle.ts';
import { headText, type SignedHead } from '../../keys/custody/head.ts';
import type { notificationOutbox } from '../db/schema/notifications.ts';

type Message = Pick<
  typeof notificationOutbox.$inferSelect,
  'type' | 'data' | 'jobId' | 'createdAt'
>;

const spoken = (word: unknown): string => String(word).replaceAll('-', ' ');

/** A message on one line: subject of a mail, and what the log of deliveries shows. */
export function summaryOfMessage({ type, data }: Message): string {
  const job = `job ${String(data.name)}`;
  const incident = data.incident as { kind?: string } | undefined;
  const texts = {
    'job.state': () => `${job} is ${spoken(data.state)}`,
    'job.attention': () => `${job} needs attention: ${spoken(incident?.kind ?? 'incident')}`,
    'job.attention-resolved': () => `${job} needs no attention any more`,
    test: () => 'test message',
  };
  return texts[type]();
}

const urlOf = (publicUrl: string, { jobId }: Message): string =>
  jobId === null ? publicUrl : `${publicUrl}/jobs/${jobId}`;

/**
 * The body of a webhook: `type`, `timestamp` and `data`, as Standard Webhooks proposes; with the signed head of the
 * custody log.
 */
export function webhookBody(
  message: Message,
  publicUrl: string,
  head: SignedHead | undefined,
): string {
  const { type, createdAt: timestamp, data } = message;
  const url = urlOf(publicUrl, message);
  const custodyHead = head && {
    seq: head.seq,
    hash: head.hash,
    at: head.at,
    pem: headText(head.der),
  };
  return JSON.stringify({ type, timestamp, data: { ...data, url }, custodyHead });
}

/** The text of a mail: what happened, what to do, where to look; of a job that ended the head of the custody log, too. */
export function mailText(
  message: Message,
  publicUrl: string,
  head: SignedHead | undefined,
): string {
  const { data } = message;
  const incident = data.incident as { owner?: string; next?: string } | undefined;
  const facts: [string, unknown][] = [
    ['Job', data.name],
    ['Id', data.jobId],
    ['Option', data.option],
    ['Direction', data.type],
    ['State', data.state],
    ['Outcome', data.outcome],
    ['Device', data.deviceId],
    ['What to do', incident?.next && `${incident.owner}: ${incident.next}`],
  ];
  const lines = facts.flatMap(([name, value]) => (value ? [`${name}: ${String(value)}`] : []));
  const summary = summaryOfMessage(message);
  const sentence = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  const text = [sentence, '', ...lines, '', urlOf(publicUrl, message), ''].join('\n');
  const ended: readonly unknown[] = FINAL_STATES;
  return head && ended.includes(data.state) ? `${text}\n${headParagraph(head)}` : text;
}

const headParagraph = ({ seq, hash, at, der }: SignedHead): string =>
  [
    `The custody log of this installation had ${seq} entries at ${at}; hash of the last one: ${hash}`,
    'Keep this mail: waybill audit verify --head MAIL shows whether the log was cut off or rewritten since.',
    headText(der),
  ].join('\n');
