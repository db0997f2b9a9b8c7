import { isDeepStrictEqual } from 'node:util';
import type { NewJob } from '../../domain/new-job.ts';
import { TB } from '../../domain/sizes.ts';
import {
  addClusterJob,
  type ClusterView,
  cancelCluster,
  changeCluster,
  clusterOf,
  createCluster,
  listClusters,
} from '../../server/aws/clusters.ts';
import type { Job } from '../../server/jobs/job.ts';
import type { Members } from '../model/service-model.ts';
import type { SnowballCall, SnowballOperation } from './call.ts';
import { changes, reads } from './call.ts';
import { combination } from './invalid-combination.ts';
import { listEntry } from './job-metadata.ts';
import { jobChangeOf, keptOf, newJobOf } from './job-request.ts';
import type { ClusterMembers, JobMembers } from './members.ts';
import { cutPage, pageOf } from './page-token.ts';

/** Groups of devices for one data set. Each device is a job of its own, with the lifecycle of every job. */

const idOf = ({ input }: SnowballCall): string => String(input.ClusterId);

/** The job that each device of a cluster is. Throws InputCombination, BucketNotFound. */
async function templateOf(call: SnowballCall, request: JobMembers): Promise<NewJob> {
  const template = await newJobOf(call, request);
  if (template.type === 'import') return template;
  throw combination(
    'a cluster imports one data set',
    'order an export with CreateJob: it is divided over as many devices as it needs',
  );
}

async function openCluster(call: SnowballCall): Promise<Members> {
  const { context, actor, input, now } = call;
  const request: ClusterMembers = input;
  const [LongTermPricingId] = request.LongTermPricingIds ?? [];
  const template = await templateOf(call, {
    ...request,
    ...(LongTermPricingId && { LongTermPricingId }),
  });
  const { InitialClusterSize: size = 0 } = request;
  checkCapacity(request, template, size);
  const order = { template, request: keptOf(input), size };
  const { cluster, jobs } = await createCluster(context.db, actor, order, now);
  return { ClusterId: cluster.id, JobListEntries: jobs.map(listEntry) };
}

/** Devices that are more or fewer than what the request says it needs are made only by force. */
function checkCapacity(request: ClusterMembers, { sizeBytes }: NewJob, size: number): void {
  const { StorageLimit } = request.OnDeviceServiceConfiguration?.S3OnDeviceService ?? {};
  if (StorageLimit === undefined || size === 0 || request.ForceCreateJobs === true) return;
  const needed = Math.max(1, Math.ceil((StorageLimit * TB) / sizeBytes));
  if (needed === size) return;
  throw combination(
    `${size} devices of ${sizeBytes / TB} TB are ${size > needed ? 'more' : 'fewer'} than ${StorageLimit} TB need`,
    `give InitialClusterSize ${needed}, or ForceCreateJobs`,
  );
}

/** A job for one more device of a cluster: what it is like, the cluster says. */
export async function addDeviceJob(call: SnowballCall, clusterId: string): Promise<Job> {
  const { context, actor, input, now } = call;
  const { cluster } = await clusterOf(context.db.read, clusterId);
  const { ClusterId: _, ...given } = input;
  const other = Object.keys(given).find(
    (name) => !isDeepStrictEqual(given[name], cluster.request[name]),
  );
  if (other) {
    throw combination(
      `${other} is not that of cluster ${clusterId}, whose jobs are alike`,
      'give ClusterId alone, or make a job outside the cluster',
    );
  }
  const template = await templateOf(call, cluster.request);
  return addClusterJob(context.db, actor, { clusterId, template }, now);
}

async function updateCluster(call: SnowballCall): Promise<Members> {
  const { context, actor, input, now } = call;
  const { ClusterId: _, ...update } = input;
  const { cluster } = await clusterOf(context.db.read, idOf(call));
  const change = await jobChangeOf(call, update, { kept: cluster.request, type: 'import' });
  const order = { clusterId: cluster.id, change, request: keptOf(update) };
  await changeCluster(context.db, actor, order, now);
  return {};
}

async function withdrawCluster(call: SnowballCall): Promise<Members> {
  await cancelCluster(call.context.db, call.actor, idOf(call), call.now);
  return {};
}

async function describeCluster(call: SnowballCall): Promise<Members> {
  const view = await clusterOf(call.context.db.read, idOf(call));
  return { ClusterMetadata: { ...view.cluster.request, ...clusterEntry(view) } };
}

const clusterEntry = ({ cluster, state }: ClusterView): Members => ({
  ClusterId: cluster.id,
  ClusterState: state,
  CreationDate: new Date(cluster.createdAt),
  Description: cluster.request.Description,
});

async function clustersPage(call: SnowballCall): Promise<Members> {
  const { limit, after: before } = pageOf<number>(call, 'ListClusters');
  const entries = await listClusters(call.context.db.read, { before, limit: limit + 1 });
  const cut = { entries, limit, placeOf: ({ cluster }: ClusterView) => cluster.seq };
  const { page, NextToken } = cutPage(call, 'ListClusters', cut);
  return { ClusterListEntries: page.map(clusterEntry), NextToken };
}

async function clusterJobsPage(call: SnowballCall): Promise<Members> {
  const list = `ListClusterJobs:${idOf(call)}`;
  const { limit, after = 0 } = pageOf<number>(call, list);
  const { jobs } = await clusterOf(call.context.db.read, idOf(call));
  const entries = jobs.filter(({ job }) => job.seq > after);
  const cut = { entries, limit, placeOf: ({ job }: (typeof jobs)[number]) => job.seq };
  const { page, NextToken } = cutPage(call, list, cut);
  return { JobListEntries: page.map(listEntry), NextToken };
}

export const clusterOperations = {
  CreateCluster: changes(openCluster),
  UpdateCluster: changes(updateCluster),
  CancelCluster: changes(withdrawCluster),
  DescribeCluster: reads(describeCluster),
  ListClusters: reads(clustersPage),
  ListClusterJobs: reads(clusterJobsPage),
} satisfies Record<string, SnowballOperation>;
