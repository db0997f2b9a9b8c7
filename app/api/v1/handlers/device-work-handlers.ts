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
import { shown } from '../shown-job.ts';

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
  getManifest: async ({ console, actor, params, now }) => {
    const der = await issueManifest(console, actor, params.jobId, now);
    return fileResponse(new Uint8Array(der), {
      type: 'application/pkcs7-mime',
      name: `${params.jobId}.manifest`,
      bytes: der.length,
    });
  },
  revealUnlockCode: async ({ console, actor, params, now }) => ({
    unlockCode: await revealUnlockCode(console, actor, params.jobId, now),
  }),
  stationCredentials: ({ console, actor, params, now }) =>
    stationCredentials(console, actor, params.jobId, now),
  putStoreMarker: ({ console, actor, params, body, now }) =>
    noteMarker(console.db, actor, { ...params, ...body }, now),
  putDevice: async (call) => {
    const { console, actor, params, body, now } = call;
    return shown(call, await assignDevice(console.db, actor, { ...params, ...body }, now));
  },
  devicePrepared: async (call) => {
    const { console, actor, params, now } = call;
    return shown(call, await markPrepared(console.db, actor, params.jobId, now));
  },
  deviceProved: async (call) => {
    const { console, actor, params, body, now } = call;
    return shown(call, await takeProof(console.db, actor, { ...params, ...body }, now));
  },
  deviceErased: async (call) => {
    const { console, actor, params, body, now } = call;
    return shown(call, await markErased(console.db, actor, { ...params, ...body }, now));
  },
  sendEvent: ({ console, actor, params, body, now }) =>
    takeEvent(console.db, actor, { ...params, ...body }, now),
  putSealReceipt: async (call) => {
    const { console, actor, params, body, now } = call;
    const der = new Uint8Array(await new Response(body).arrayBuffer());
    return shown(call, await takeSealReceipt(console, actor, { ...params, der }, now));
  },
  reopened: async (call) => {
    const { console, actor, params, now } = call;
    return shown(call, await takeReopening(console.db, actor, params.jobId, now));
  },
  putReport: ({ console, actor, params, body, now }) =>
    putReport(
      console,
      actor,
      { jobId: params.jobId, file: fileOf(params.file), content: body },
      now,
    ),
  getReport: async ({ console, actor, params, now }) => {
    const { jobId } = params;
    if (params.file === HEAD_FILE)
      return fileResponse(await reportHead(console, actor, jobId, now), {
        type: 'text/plain; charset=utf-8',
        name: `${jobId}-${HEAD_FILE}`,
      });
    const file = fileOf(params.file);
    const { bytes, content } = await openReport(console, actor, { jobId, file });
    const type = file.endsWith('.json') ? 'application/json' : 'text/csv; charset=utf-8';
    return fileResponse(content, { type, name: `${jobId}-${file}`, bytes });
  },
  listReportRows: ({ console, actor, params, query }) =>
    listReportRows(console, actor, { jobId: params.jobId, file: fileOf(params.file), ...query }),
  claimWork: ({ console, actor, params, body, now }) =>
    claim(console.db, actor, { ...params, ...body }, now),
  renewLease: ({ console, actor, params, now }) =>
    renew(console.db, actor, { jobId: params.jobId, id: params.leaseId }, now),
  releaseLease: ({ console, actor, params }) =>
    release(console.db, actor, { jobId: params.jobId, id: params.leaseId }),
};

function fileOf(name: string): ReportFile {
  const { data } = reportFile.safeParse(name);
  if (!data) throw new WaybillError('NotFound', { what: 'report file', id: name.slice(0, 60) });
  return data;
}
