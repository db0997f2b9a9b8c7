import type { JobState } from './words.ts';

/** Who is told what happens to jobs, and how often it is tried. */

export const TARGET_KINDS = ['webhook', 'email'] as const;
/** `webhook`: HTTP POST as Standard Webhooks has it. `email`: by the installation's mail server. */
export type TargetKind = (typeof TARGET_KINDS)[number];

/** What a target, or a job for its targets, wants to hear. */
export interface NotificationChoice {
  /** Every state; else those in `states`. */
  notifyAll: boolean;
  states: JobState[];
  /** Incidents that are reported and resolved. */
  attention: boolean;
}

/** A job's own choice: the targets it names hear this, whatever they hear of other jobs. */
export interface JobNotification extends NotificationChoice {
  targetIds: string[];
}

export const NOTICE_TYPES = [
  'job.state',
  'job.attention',
  'job.attention-resolved',
  'test',
] as const;
/** The `type` of a message; stable, for programs. */
export type NoticeType = (typeof NOTICE_TYPES)[number];

interface Subscriber extends NotificationChoice {
  id: string;
  /** It hears of jobs that do not name it, too. */
  everyJob: boolean;
  disabledAt: string | null;
}

/** Whether a target is told. A job that names it decides; else the target does, if it hears of every job. */
export function isSubscribed(
  target: Subscriber,
  own: JobNotification | null,
  notice: { type: NoticeType; state: JobState },
): boolean {
  if (target.disabledAt !== null) return false;
  const named = own?.targetIds.includes(target.id) ?? false;
  const choice = named ? own : target.everyJob ? target : undefined;
  if (!choice) return false;
  if (notice.type !== 'job.state') return choice.attention;
  return choice.notifyAll || choice.states.includes(notice.state);
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** Seconds from a failed attempt to the next: the schedule that Standard Webhooks proposes, three days in all. */
export const RETRY_SECONDS = [
  ...[5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
] as const;

/** When the attempt after the failed one numbered `attempts` (from 1) is due, seconds; undefined: no more. */
export const retryAfter = (attempts: number): number | undefined => RETRY_SECONDS[attempts - 1];

export const DELIVERY_STATES = ['waiting', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export const SMTP_SECURITY = ['starttls', 'tls', 'none'] as const;
/** `starttls`: encrypted after the greeting, or not at all sent. `tls`: from the first byte. `none`: in clear. */
export type SmtpSecurity = (typeof SMTP_SECURITY)[number];
