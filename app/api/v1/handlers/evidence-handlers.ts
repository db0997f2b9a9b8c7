import { allowErase, confirmRestored } from '../../../../lib/server/erasing/erasing.ts';
import { changeGraceDays, graceDaysOf } from '../../../../lib/server/erasing/evidence.ts';
import { destroyJobKey } from '../../../../lib/server/erasing/key-destruction.ts';
import { acceptLosses, lossesOf, requestRetry } from '../../../../lib/server/reports/losses.ts';
import {
  changeSealsRequired,
  sealsRequiredOf,
} from '../../../../lib/server/shipping/seal-settings.ts';
import type { Handlers } from '../handle.ts';
import { shown } from '../shown-job.ts';

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
  jobLosses: ({ console, actor, params, now }) => lossesOf(console, actor, params.jobId, now),
  acceptLosses: async (call) => {
    const { console, actor, params, body, now } = call;
    return shown(call, await acceptLosses(console, actor, { ...params, ...body }, now));
  },
  retryFailed: async (call) => {
    const { console, actor, params, now } = call;
    return shown(call, await requestRetry(console, actor, params.jobId, now));
  },
  confirmRestored: async (call) => {
    const { console, actor, params, body, now } = call;
    return shown(call, await confirmRestored(console.db, actor, { ...params, ...body }, now));
  },
  destroyKey: async (call) => {
    const { console, actor, params, body, now } = call;
    return shown(call, await destroyJobKey(console.db, actor, { ...params, ...body }, now));
  },
  allowErase: async (call) => {
    const { console, actor, params, body, now } = call;
    return shown(call, await allowErase(console.db, actor, { ...params, ...body }, now));
  },
  sealSettings: async ({ console }) => ({ required: await sealsRequiredOf(console.db.read) }),
  changeSealSettings: ({ console, actor, body, now }) =>
    changeSealsRequired(console.db, actor, body, now),
  erasingSettings: async ({ console }) => ({ graceDays: await graceDaysOf(console.db.read) }),
  changeErasingSettings: ({ console, actor, body, now }) =>
    changeGraceDays(console.db, actor, body, now),
};
