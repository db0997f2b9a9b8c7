import { AWS_JOB_STATE } from '../../domain/aws-states.ts';
import type { JobNotification } from '../../domain/notifications.ts';
import { JOB_STATES } from '../../domain/words.ts';
import type { Reader } from '../../server/db/database.ts';
import { listTargets } from '../../server/notifications/targets.ts';
import type { Notification } from './members.ts';

/** A topic of SNS is a notification target of its name. */
const topicName = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

/**
 * Whom a request wants to be told, and of what: the target whose name is that of the topic hears of the states.
 * Null when no target has that name: then targets hear of the job what they hear of every job.
 */
export async function notificationOf(
  db: Reader,
  { SnsTopicARN, JobStatesToNotify = [], NotifyAll = false }: Notification,
): Promise<JobNotification | null> {
  if (SnsTopicARN === undefined) return null;
  const name = topicName(SnsTopicARN);
  const target = (await listTargets(db)).find((row) => row.name === name);
  if (!target) return null;
  return {
    targetIds: [target.id],
    notifyAll: NotifyAll,
    states: JOB_STATES.filter((state) => JobStatesToNotify.includes(AWS_JOB_STATE[state])),
    attention: NotifyAll,
  };
}

/** What is told of a job's notification: as it was asked for, with the choice as it is now. */
export function notificationMembers(
  asked: Notification | undefined,
  now: JobNotification | null,
): Notification | undefined {
  if (!asked || !now) return asked;
  const names = [...new Set(now.states.map((state) => AWS_JOB_STATE[state]))];
  return { ...asked, NotifyAll: now.notifyAll, JobStatesToNotify: names };
}
