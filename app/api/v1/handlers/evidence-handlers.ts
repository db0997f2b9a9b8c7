import { allowErase, confirmRestored } from '../../../../lib/server/erasing/erasing.ts';
import { changeGraceDays, graceDaysOf } from '../../../../lib/server/erasing/evidence.ts';
import { destroyJobKey } from '../../../../lib/server/erasing/key-destruction.ts';
import { acceptLosses, lossesOf, requestRetry } from '../../../../lib/server/reports/losses.ts';
import {
  changeSealsRequired,
  sealsRequiredOf,
} from '../../../../lib/server/shipping/seal-settings.ts';
import type { Handlers } from '../handle.ts';
import { jobDetailFor } from '../job-detail-for.ts';

type EvidenceRoutes =
  | 'jobLosses'
  | 'acceptLosses'
  | 'retryFailed'
  | 'confirmRestored'
  | 'destroyKey'
  | 'allowErase'
  | 'sealSettings'
  | 'changeSealSettings'
  | 'erasingSettings'
  | 'changeErasingSettings';

/** What acts that cannot be undone rest on, and what people decide about them. */
export const evidenceHandlers: Pick<Handlers, EvidenceRoutes> = {
  jobLosses: ({ context, actor, params, now }) => lossesOf(context, actor, params.jobId, now),
  acceptLosses: async (call) => {
    const { context, actor, params, body, now } = call;
    return jobDetailFor(call, await acceptLosses(context, actor, { ...params, ...body }, now));
  },
  retryFailed: async (call) => {
    const { context, actor, params, now } = call;
    return jobDetailFor(call, await requestRetry(context, actor, params.jobId, now));
  },
  confirmRestored: async (call) => {
    const { context, actor, params, body, now } = call;
    return jobDetailFor(
      call,
      await confirmRestored(context.db, actor, { ...params, ...body }, now),
    );
  },
  destroyKey: async (call) => {
    const { context, actor, params, body, now } = call;
    return jobDetailFor(call, await destroyJobKey(context.db, actor, { ...params, ...body }, now));
  },
  allowErase: async (call) => {
    const { context, actor, params, body, now } = call;
    return jobDetailFor(call, await allowErase(context.db, actor, { ...params, ...body }, now));
  },
  sealSettings: async ({ context }) => ({ required: await sealsRequiredOf(context.db.read) }),
  changeSealSettings: ({ context, actor, body, now }) =>
    changeSealsRequired(context.db, actor, body, now),
  erasingSettings: async ({ context }) => ({ graceDays: await graceDaysOf(context.db.read) }),
  changeErasingSettings: ({ context, actor, body, now }) =>
    changeGraceDays(context.db, actor, body, now),
};
