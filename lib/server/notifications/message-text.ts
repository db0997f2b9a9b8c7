import type { notificationOutbox } from '../db/notification-schema.ts';

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

/** The body of a webhook: `type`, `timestamp` and `data`, as Standard Webhooks proposes. */
export function webhookBody(message: Message, publicUrl: string): string {
  const { type, createdAt: timestamp, data } = message;
  const url = urlOf(publicUrl, message);
  return JSON.stringify({ type, timestamp, data: { ...data, url } });
}

/** The text of a mail: what happened, what to do, where to look. */
export function mailText(message: Message, publicUrl: string): string {
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
  return [sentence, '', ...lines, '', urlOf(publicUrl, message), ''].join('\n');
}
