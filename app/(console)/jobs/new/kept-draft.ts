import type { JobDetail } from '../../../../lib/api/schemas/job-schemas.ts';
import type { JobNotification } from '../../../../lib/domain/notifications.ts';
import {
  ARCHIVE_UNITS,
  isWord,
  JOB_STATES,
  OVERWRITE_POLICIES,
  SHIPPING_SERVICES,
} from '../../../../lib/domain/words.ts';
import { type Draft, NEW_DRAFT } from './draft.ts';

const KEY = 'waybill-job-draft';

/** The draft that this browser kept; nothing in it is secret. */
export function readKept(text: string | null): Draft | undefined {
  try {
    const kept: unknown = JSON.parse(text ?? 'null');
    if (kept === null || typeof kept !== 'object') return undefined;
    const known = Object.entries(NEW_DRAFT).map(([name, first]) => {
      const value = (kept as Record<string, unknown>)[name];
      return [name, typeof value === typeof first ? value : first];
    });
    const draft = Object.fromEntries(known) as Draft;
    const { shippingService, archive, overwritePolicy } = draft;
    return {
      ...draft,
      notification: notificationOf(draft.notification),
      shippingService: isWord(SHIPPING_SERVICES, shippingService) ? shippingService : '',
      archive: isWord(ARCHIVE_UNITS, archive) ? archive : 'object',
      overwritePolicy: isWord(OVERWRITE_POLICIES, overwritePolicy) ? overwritePolicy : 'never',
    };
  } catch {
    return undefined;
  }
}

function notificationOf(kept: unknown): JobNotification | null {
  const { targetIds, states, notifyAll, attention } = Object(kept) as Record<string, unknown>;
  if (!Array.isArray(targetIds) || !Array.isArray(states)) return null;
  return {
    targetIds: targetIds.filter((id) => typeof id === 'string'),
    states: JOB_STATES.filter((state) => states.includes(state)),
    notifyAll: notifyAll === true,
    attention: attention === true,
  };
}

export const keptDraft = (): Draft | undefined => readKept(localStorage.getItem(KEY));
export const keepDraft = (draft: Draft): void => localStorage.setItem(KEY, JSON.stringify(draft));
export const forgetDraft = (): void => localStorage.removeItem(KEY);

/** A draft of a job like this one, under the name "<name>-clone". */
export function cloneOf(job: JobDetail): Draft {
  const { option, type, encrypted, storeId, bucket, prefix, archive, overwritePolicy } = job;
  return {
    ...NEW_DRAFT,
    option,
    type,
    encrypted,
    storeId,
    bucket,
    prefix,
    archive,
    overwritePolicy,
    name: `${job.name}-clone`.slice(0, 100),
    size: `${job.sizeBytes / 1e12} TB`,
    rangeBegin: job.rangeBegin ?? '',
    rangeEnd: job.rangeEnd ?? '',
    includeReports: job.includeReports,
    addressId: job.address?.id ?? '',
    shippingService: job.shippingService ?? '',
    notification: job.notification,
    ...(job.processing && { processing: job.processing }),
  };
}
