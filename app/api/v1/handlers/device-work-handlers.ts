import { reportFile } from '../../../../lib/api/schemas/work-schemas.ts';
import { WaybillError } from '../../../../lib/domain/errors.ts';
import { HEAD_FILE, type ReportFile } from '../../../../lib/domain/report.ts';
import {
  takeEvent,
  takeReopening,
  takeSealReceipt,
} from '../../../../lib/server/agent-events/take-events.ts';
import { issueManifest, revealUnlockCode } from '../../../../lib/server/credentials/manifests.ts';
import { stationCredentials } from '../../../../lib/server/credentials/station-credentials.ts';
import { assignDevice, markPrepared } from '../../../../lib/server/devices/assign-device.ts';
import { takeProof } from '../../../../lib/server/devices/device-proof.ts';
import { markErased } from '../../../../lib/server/erasing/erasing.ts';
import { claim, release, renew } from '../../../../lib/server/lifecycle/leases.ts';
import {
  listReportRows,
  openReport,
  putReport,
  reportHead,
} from '../../../../lib/server/reports/reports.ts';
import { noteMarker } from '../../../../lib/server/store-markers/bucket-markers.ts';
import { fileResponse } from '../file-response.ts';
import type { Handlers } from '../handle.ts';
import { jobDetailFor } from '../job-detail-for.ts';

type WorkRoutes =
  | 'getManifest'
  | 'revealUnlockCode'
  | 'stationCredentials'
  | 'putStoreMarker'
  | 'putDevice'
  | 'devicePrepared'
  | 'deviceProved'
  | 'deviceErased'
  | 'sendEvent'
  | 'putSealReceipt'
  | 'reopened'
  | 'putReport'
  | 'getReport'
  | 'listReportRows'
  | 'claimWork'
  | 'renewLease'
  | 'releaseLease';

/** What agents and stations need for their work on devices, and what they tell of it. */
export const deviceWorkHandlers: Pick<Handlers, WorkRoutes> = {
  getManifest: async ({ context, actor, params, now }) => {
    const der = await issueManifest(context, actor, params.jobId, now);
    return fileResponse(new Uint8Array(der), {
      type: 'application/pkcs7-mime',
      name: `${params.jobId}.manifest`,
      bytes: der.length,
    });
  },
  revealUnlockCode: async ({ context, actor, params, now }) => ({
    unlockCode: await revealUnlockCode(context, actor, params.jobId, now),
  }),
  stationCredentials: ({ context, actor, params, now }) =>
    stationCredentials(context, actor, params.jobId, now),
  putStoreMarker: ({ context, actor, params, body, now }) =>
    noteMarker(context.db, actor, { ...params, ...body }, now),
  putDevice: async (call) => {
    const { context, actor, params, body, now } = call;
    return jobDetailFor(call, await assignDevice(context.db, actor, { ...params, ...body }, now));
  },
  devicePrepared: async (call) => {
    const { context, actor, params, now } = call;
    return jobDetailFor(call, await markPrepared(context.db, actor, params.jobId, now));
  },
  deviceProved: async (call) => {
    const { context, actor, params, body, now } = call;
    return jobDetailFor(call, await takeProof(context.db, actor, { ...params, ...body }, now));
  },
  deviceErased: async (call) => {
    const { context, actor, params, body, now } = call;
    return jobDetailFor(call, await markErased(context.db, actor, { ...params, ...body }, now));
  },
  sendEvent: ({ context, actor, params, body, now }) =>
    takeEvent(context.db, actor, { ...params, ...body }, now),
  putSealReceipt: async (call) => {
    const { context, actor, params, body, now } = call;
    const der = new Uint8Array(await new Response(body).arrayBuffer());
    return jobDetailFor(call, await takeSealReceipt(context, actor, { ...params, der }, now));
  },
  reopened: async (call) => {
    const { context, actor, params, now } = call;
    return jobDetailFor(call, await takeReopening(context.db, actor, params.jobId, now));
  },
  putReport: ({ context, actor, params, body, now }) =>
    putReport(
      context,
      actor,
      { jobId: params.jobId, file: fileOf(params.file), content: body },
      now,
    ),
  getReport: async ({ context, actor, params, now }) => {
    const { jobId } = params;
    if (params.file === HEAD_FILE)
      return fileResponse(await reportHead(context, actor, jobId, now), {
        type: 'text/plain; charset=utf-8',
        name: `${jobId}-${HEAD_FILE}`,
      });
    const file = fileOf(params.file);
    const { bytes, content } = await openReport(context, actor, { jobId, file });
    const type = file.endsWith('.json') ? 'application/json' : 'text/csv; charset=utf-8';
    return fileResponse(content, { type, name: `${jobId}-${file}`, bytes });
  },
  listReportRows: ({ context, actor, params, query }) =>
    listReportRows(context, actor, { jobId: params.jobId, file: fileOf(params.file), ...query }),
  claimWork: ({ context, actor, params, body, now }) =>
    claim(context.db, actor, { ...params, ...body }, now),
  renewLease: ({ context, actor, params, now }) =>
    renew(context.db, actor, { jobId: params.jobId, id: params.leaseId }, now),
  releaseLease: ({ context, actor, params }) =>
    release(context.db, actor, { jobId: params.jobId, id: params.leaseId }),
};

function fileOf(name: string): ReportFile {
  const { data } = reportFile.safeParse(name);
  if (!data) throw new WaybillError('NotFound', { what: 'report file', id: name.slice(0, 60) });
  return data;
}
