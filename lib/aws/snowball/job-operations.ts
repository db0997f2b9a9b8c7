import { WaybillError } from '../../domain/errors.ts';
import {
  type AwsExport,
  type AwsJob,
  awsJobOf,
  changeAwsJobs,
  exportOf,
  insertAwsJob,
  type ListPlace,
  listAwsJobs,
  partsOf,
} from '../../server/aws/aws-jobs.ts';
import { cancelListing, continueListing, createExport } from '../../server/aws/exports.ts';
import type { Reader } from '../../server/db/database.ts';
import { applyAction } from '../../server/lifecycle/transitions.ts';
import type { Members } from '../model/service-model.ts';
import type { SnowballCall, SnowballOperation } from './call.ts';
import { changes, reads } from './call.ts';
import { addDeviceJob } from './cluster-operations.ts';
import { combination } from './invalid-combination.ts';
import { exportEntry, exportMetadata, jobMetadata, listEntry } from './job-metadata.ts';
import { jobChangeOf, keptOf, newJobOf } from './job-request.ts';
import type { JobMembers } from './members.ts';
import { cutPage, pageOf } from './page-token.ts';

/** What a job id of a request means: a job of one device, or an export with its parts. */
export type Target = { job: AwsJob } | { main: AwsExport; parts: AwsJob[] };

/** Throws NotFound. */
export async function targetOf(db: Reader, id: string): Promise<Target> {
  const main = await exportOf(db, id);
  if (main) return { main, parts: await partsOf(db, main.id) };
  return { job: await awsJobOf(db, id) };
}

/** The one job of a device that an id means; an export with one part means that part. Throws NotFound, InvalidJobState. */
export async function deviceJobOf(db: Reader, id: string): Promise<AwsJob> {
  const target = await targetOf(db, id);
  if ('job' in target) return target.job;
  const [only, ...more] = target.parts;
  if (only && more.length === 0) return only;
  const parts = target.parts.map(({ job }) => job.id).join(', ');
  throw new WaybillError('InvalidJobState', {
    action: 'this',
    state: only ? `an export of ${target.parts.length} parts` : 'listing its store',
    allowed: only ? `ask for a part: ${parts}` : 'wait until DescribeJob tells its parts',
  });
}

export const idOf = ({ input }: SnowballCall): string => String(input.JobId);

async function createJob(call: SnowballCall): Promise<Members> {
  const { context, actor, input, now } = call;
  const request: JobMembers = input;
  if (request.ClusterId) return { JobId: (await addDeviceJob(call, request.ClusterId)).id };
  const job = await newJobOf(call, request);
  const kept = keptOf(input);
  if (job.type === 'export') {
    const main = await createExport(context, actor, { template: job, request: kept }, now);
    return { JobId: main.id };
  }
  const made = await context.db.transaction((tx) =>
    insertAwsJob(tx, actor, { job, request: kept }, now),
  );
  return { JobId: made.id };
}

async function updateJob(call: SnowballCall): Promise<Members> {
  const { context, actor, input, now } = call;
  const { JobId: _, ...update } = input;
  const target = await targetOf(context.db.read, idOf(call));
  const jobs = 'job' in target ? [target.job] : target.parts;
  const [first] = jobs;
  if (!first) {
    const allowed = 'wait until its parts are there, or cancel it';
    throw new WaybillError('InvalidJobState', { action: 'update', state: 'Listing', allowed });
  }
  const changed: JobMembers = update;
  const resizes = changed.Resources ?? changed.SnowballCapacityPreference;
  if (jobs.length > 1 && (resizes ?? changed.Description) !== undefined) {
    throw combination(
      'the parts of this export were made for its description, bucket, range and capacity',
      'cancel it and make a new one',
    );
  }
  if (first.kept?.clusterId && resizes !== undefined) {
    throw combination(
      'the jobs of a cluster have one bucket and devices of one kind',
      `change all of them: UpdateCluster ${first.kept.clusterId}`,
    );
  }
  const change = await jobChangeOf(call, changed, {
    kept: first.kept?.request,
    type: first.job.type,
  });
  const jobIds = jobs.map(({ job }) => job.id);
  await changeAwsJobs(context.db, actor, { jobIds, change, request: keptOf(update) }, now);
  return {};
}

async function cancelJob(call: SnowballCall): Promise<Members> {
  const { context, actor, now } = call;
  const target = await targetOf(context.db.read, idOf(call));
  if ('main' in target && target.main.state === 'listing') {
    await cancelListing(context.db, actor, target.main.id, now);
    return {};
  }
  const jobs = 'job' in target ? [target.job] : target.parts;
  // All of them, or none when one of them has gone on: AWS cancels new jobs only.
  const gone = jobs.find(({ job }) => job.state !== 'created');
  if (gone) {
    const allowed = 'only while a job is New, and no part of an export has gone on';
    throw new WaybillError('InvalidJobState', { action: 'cancel', state: gone.job.state, allowed });
  }
  await context.db.transaction(async (tx) => {
    for (const { job } of jobs) {
      await applyAction(tx, actor, { jobId: job.id, action: 'cancel' }, now);
    }
  });
  return {};
}

async function describeJob(call: SnowballCall): Promise<Members> {
  const { context } = call;
  const target = await targetOf(context.db.read, idOf(call));
  if ('job' in target) {
    const metadata = await jobMetadata(call, target.job);
    // An export that was made elsewhere is its own only part.
    const { job, kept } = target.job;
    const isWhole = job.type === 'export' && (kept?.exportId ?? null) === null;
    return { JobMetadata: metadata, SubJobMetadata: isWhole ? [metadata] : undefined };
  }
  const { main, parts } = target;
  if (main.state === 'listing') continueListing(context, main.id);
  return {
    JobMetadata: exportMetadata(main, parts),
    SubJobMetadata: await Promise.all(parts.map((part) => jobMetadata(call, part))),
  };
}

async function listJobs(call: SnowballCall): Promise<Members> {
  const { read } = call.context.db;
  const { limit, after } = pageOf<ListPlace>(call, 'ListJobs');
  const entries = await listAwsJobs(read, { before: after, limit: limit + 1 });
  const cut = { entries, limit, placeOf: (entry: (typeof entries)[number]) => entry.place };
  const { page, NextToken } = cutPage(call, 'ListJobs', cut);
  const JobListEntries = await Promise.all(
    page.map(async (entry) =>
      'main' in entry
        ? exportEntry(entry.main, await partsOf(read, entry.main.id))
        : listEntry(entry),
    ),
  );
  return { JobListEntries, NextToken };
}

/** Jobs of one device, and exports of several. */
export const jobOperations = {
  CreateJob: changes(createJob),
  UpdateJob: changes(updateJob),
  CancelJob: changes(cancelJob),
  DescribeJob: reads(describeJob),
  ListJobs: reads(listJobs),
} satisfies Record<string, SnowballOperation>;
