import { progressSeries } from '../../../../lib/server/agent-events/progress-series.ts';
import { createCheckedJob } from '../../../../lib/server/checks/job-checks.ts';
import { custodyOf } from '../../../../lib/server/custody/log.ts';
import { eventsAfter } from '../../../../lib/server/events/events.ts';
import { reportIncident, resolveIncidents } from '../../../../lib/server/incidents/incidents.ts';
import { exportJobs } from '../../../../lib/server/job-queries/export-csv.ts';
import { summariesOf } from '../../../../lib/server/job-queries/job-detail.ts';
import {
  countJobs,
  countMatching,
  listJobs,
} from '../../../../lib/server/job-queries/list-jobs.ts';
import {
  countDevices,
  movedByDay,
  onTheMove,
} from '../../../../lib/server/job-queries/overview.ts';
import { changeJob } from '../../../../lib/server/jobs/change-job.ts';
import { getJob } from '../../../../lib/server/jobs/job.ts';
import { actOnMany } from '../../../../lib/server/lifecycle/bulk-actions.ts';
import { act } from '../../../../lib/server/lifecycle/transitions.ts';
import {
  beginSumming,
  putRangeSum,
  splitJob,
  sumRange,
} from '../../../../lib/server/ranges/range-sums.ts';
import { completeAccepted } from '../../../../lib/server/reports/losses.ts';
import { addScan, returnLabel } from '../../../../lib/server/shipping/scans.ts';
import { enterArrivalSeals } from '../../../../lib/server/shipping/seal-comparison.ts';
import { type PaperKind, paperOf } from '../../../../lib/server/shipping/shipping-papers.ts';
import { fileResponse } from '../file-response.ts';
import { type Call, type Handlers, plainFacts } from '../handle.ts';
import { jobDetailFor } from '../job-detail-for.ts';
import { jobQueryOf } from '../job-query.ts';

type JobRoutes =
  | 'createJob'
  | 'listJobs'
  | 'exportJobs'
  | 'actOnJobs'
  | 'jobCounts'
  | 'overview'
  | 'getJob'
  | 'changeJob'
  | 'putRangeSum'
  | 'sumRange'
  | 'splitJob'
  | 'actOnJob'
  | 'listJobEvents'
  | 'jobCustody'
  | 'reportIncident'
  | 'resolveIncident'
  | 'addScan'
  | 'enterSeals'
  | 'returnLabel'
  | 'jobProgress'
  | 'getLabel'
  | 'getPackingSlip';

const CSV = { type: 'text/csv; charset=utf-8', name: 'jobs.csv' };

/** Jobs, their lifecycle and what is known of them. */
export const jobHandlers: Pick<Handlers, JobRoutes> = {
  createJob: async (call) => {
    const { context, actor, body, now } = call;
    return jobDetailFor(call, await createCheckedJob(context, actor, body, now));
  },
  listJobs: async ({ context, query }) => {
    const { limit, page, before } = query;
    const pageQuery = { ...jobQueryOf(query), before };
    const offset = ((page ?? 1) - 1) * limit;
    const db = context.db.read;
    const found = await listJobs(db, { ...pageQuery, limit: limit + 1, offset });
    const jobs = await summariesOf(db, found.slice(0, limit));
    const follows = found.length > limit && query.sort === 'created' && pageQuery.descending;
    return {
      jobs,
      next: follows ? (jobs.at(-1)?.seq ?? null) : null,
      total: page === undefined ? null : await countMatching(db, pageQuery),
    };
  },
  exportJobs: ({ context, query }) =>
    fileResponse(exportJobs(context.db.read, jobQueryOf(query)), CSV),
  actOnJobs: async ({ context, actor, body, now }) => ({
    results: (await actOnMany(context.db, actor, body, now)).map(({ error, ...rest }) => ({
      ...rest,
      error: error && { ...error, facts: plainFacts(error.facts) },
    })),
  }),
  overview: async ({ context, now }) => {
    const db = context.db.read;
    const [days, moving, devices] = [movedByDay(db, now), onTheMove(db), countDevices(db)];
    const custodyAlarm = context.custody.alarm;
    return { days: await days, moving: await moving, devices: await devices, custodyAlarm };
  },
  jobCounts: ({ context }) => countJobs(context.db.read),
  getJob: async (call) => jobDetailFor(call, await getJob(call.context.db.read, call.params.jobId)),
  changeJob: async (call) => {
    const { context, actor, params, body, now } = call;
    const request = { jobId: params.jobId, change: body };
    const job = await changeJob(context.db, actor, request, now);
    beginSumming(context, job);
    return jobDetailFor(call, job);
  },
  putRangeSum: async (call) => {
    const { context, actor, params, body, now } = call;
    const request = { jobId: params.jobId, sum: body };
    return jobDetailFor(call, await putRangeSum(context.db, actor, request, now));
  },
  sumRange: async (call) => {
    const { context, actor, params, now } = call;
    return jobDetailFor(call, await sumRange(context, actor, params.jobId, now));
  },
  splitJob: async ({ context, actor, params, body, now }) => {
    const made = await splitJob(context, actor, { ...params, ...body }, now);
    return {
      jobs: made.flatMap(({ id, name, rangeSum }) => (rangeSum ? [{ id, name, ...rangeSum }] : [])),
    };
  },
  actOnJob: async (call) => {
    const { context, actor, params, body, now } = call;
    return jobDetailFor(call, await act(context.db, actor, { ...params, ...body }, now));
  },
  listJobEvents: async ({ context, params, query }) => {
    await getJob(context.db.read, params.jobId);
    const { after, limit } = query;
    return { events: await eventsAfter(context.db.read, after, { ...params, limit }) };
  },
  jobCustody: async ({ context, params }) => {
    await getJob(context.db.read, params.jobId);
    return { entries: await custodyOf(context.db.read, params.jobId) };
  },
  reportIncident: async (call) => {
    const { context, actor, params, body, now } = call;
    const request = { ...params, ...body };
    return jobDetailFor(call, await reportIncident(context.db, actor, request, now));
  },
  resolveIncident: async (call) => {
    const { context, actor, params, body, now } = call;
    const request = { ...params, ...body };
    const job = await resolveIncidents(context.db, actor, request, now);
    return jobDetailFor(call, await completeAccepted(context.db, job, now));
  },
  enterSeals: async (call) =>
    jobDetailFor(
      call,
      await enterArrivalSeals(
        call.context.db,
        call.actor,
        { ...call.params, ...call.body },
        call.now,
      ),
    ),
  addScan: ({ context, actor, params, body, now }) =>
    addScan(context.db, actor, { ...params, ...body }, now),
  returnLabel: ({ context, actor, params }) => returnLabel(context, actor, params.jobId),
  jobProgress: async ({ context, params }) => {
    await getJob(context.db.read, params.jobId);
    return { series: await progressSeries(context.db.read, params.jobId) };
  },
  getLabel: (call) => paper(call, 'label'),
  getPackingSlip: (call) => paper(call, 'packing-slip'),
};

async function paper(
  { context, actor, params, query, now }: Call<'getLabel'> | Call<'getPackingSlip'>,
  kind: PaperKind,
): Promise<Response> {
  const { jobId } = params;
  const { leg } = query;
  const pdf = await paperOf(context, actor, { jobId, kind, leg }, now);
  const name = `${jobId}-${kind}-${leg}.pdf`;
  return fileResponse(pdf, { type: 'application/pdf', name, bytes: pdf.byteLength });
}
