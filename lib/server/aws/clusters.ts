import { randomUUID } from 'node:crypto';
import { desc, eq, lt } from 'drizzle-orm';
import { CLUSTER_JOBS_MAX, type ClusterState, clusterState } from '../../domain/clusters.ts';
import { WaybillError } from '../../domain/errors.ts';
import type { NewJob } from '../../domain/new-job.ts';
import { type Actor, authorize } from '../actors/actor.ts';
import { usableAddress } from '../addresses/addresses.ts';
import { appendCustody } from '../custody/log.ts';
import type { ConsoleDatabase, Reader, Tx } from '../db/database.ts';
import { awsClusters, type KeptRequest } from '../db/schema/aws.ts';
import type { JobChange } from '../jobs/change-job.ts';
import { checkRules } from '../jobs/create-job.ts';
import type { Job } from '../jobs/job.ts';
import { applyAction } from '../lifecycle/transitions.ts';
import { type AwsJob, applyAwsChange, insertAwsJob, jobsOfCluster } from './aws-jobs.ts';

/** Clusters: groups of jobs, of one device each, for one data set. */

export type AwsCluster = typeof awsClusters.$inferSelect;

/** A cluster with its jobs, and where it is by them. */
export interface ClusterView {
  cluster: AwsCluster;
  jobs: AwsJob[];
  state: ClusterState;
}

/** Throws NotFound. */
export async function clusterOf(db: Reader, id: string): Promise<ClusterView> {
  const [cluster] = await db.select().from(awsClusters).where(eq(awsClusters.id, id));
  if (!cluster) throw new WaybillError('NotFound', { what: 'cluster', id });
  return viewOf(db, cluster);
}

async function viewOf(db: Reader, cluster: AwsCluster): Promise<ClusterView> {
  const jobs = await jobsOfCluster(db, cluster.id);
  const states = jobs.map(({ job }) => job.state);
  return { cluster, jobs, state: clusterState(cluster.cancelledAt !== null, states) };
}

/** Clusters, newest first, from below a cluster's `seq`. */
export async function listClusters(
  db: Reader,
  { before, limit }: { before: number | undefined; limit: number },
): Promise<ClusterView[]> {
  const older = before === undefined ? undefined : lt(awsClusters.seq, before);
  const rows = await db
    .select()
    .from(awsClusters)
    .where(older)
    .orderBy(desc(awsClusters.seq))
    .limit(limit);
  return Promise.all(rows.map((row) => viewOf(db, row)));
}

/** Opens a cluster and makes its first jobs. Throws what `createJob` throws. */
export async function createCluster(
  db: ConsoleDatabase,
  actor: Actor,
  order: { template: NewJob; request: KeptRequest; size: number },
  now: Date,
): Promise<ClusterView> {
  const { template, request, size } = order;
  authorize(actor, 'job.create');
  return db.transaction(async (tx) => {
    // Also of a cluster without a job yet.
    await checkRules(tx, template);
    if (template.addressId) await usableAddress(tx, template.addressId);
    const [cluster] = await tx
      .insert(awsClusters)
      .values({
        id: `CID${randomUUID()}`,
        request,
        createdBy: actor.id,
        createdAt: now.toISOString(),
      })
      .returning();
    if (!cluster) throw new WaybillError('Internal', { reference: 'cluster not inserted' });
    const { name, option, sizeBytes, storeId, bucket } = template;
    const detail = { clusterId: cluster.id, name, option, sizeBytes, storeId, bucket, size };
    await appendCustody(tx, actor, { kind: 'cluster.created', detail }, now);
    for (let part = 1; part <= size; part += 1) {
      await insertMember(tx, actor, { cluster, template, part }, now);
    }
    return viewOf(tx, cluster);
  });
}

async function insertMember(
  tx: Tx,
  actor: Actor,
  { cluster, template, part }: { cluster: AwsCluster; template: NewJob; part: number },
  now: Date,
): Promise<Job> {
  const job = { ...template, name: memberName(template.name, part) };
  const { id: clusterId, request } = cluster;
  return insertAwsJob(tx, actor, { job, request, clusterId, part }, now);
}

const memberName = (name: string, part: number): string => `${name.slice(0, 85)} (device ${part})`;

/** Adds a job to a cluster that is not at its end. Throws ClusterFull, InvalidJobState, and what `createJob` throws. */
export async function addClusterJob(
  db: ConsoleDatabase,
  actor: Actor,
  { clusterId, template }: { clusterId: string; template: NewJob },
  now: Date,
): Promise<Job> {
  return db.transaction(async (tx) => {
    const { cluster, jobs, state } = await clusterOf(tx, clusterId);
    if (state === 'Cancelled' || state === 'Complete') {
      const allowed = 'make another cluster';
      throw new WaybillError('InvalidJobState', { action: 'adding a job', state, allowed });
    }
    const count = jobs.filter(({ job }) => job.state !== 'cancelled').length;
    if (count >= CLUSTER_JOBS_MAX) {
      throw new WaybillError('ClusterFull', { clusterId, count, limit: CLUSTER_JOBS_MAX });
    }
    const part = Math.max(0, ...jobs.map(({ kept }) => kept?.part ?? 0)) + 1;
    return insertMember(tx, actor, { cluster, template, part }, now);
  });
}

function requireQuorumAwaited(action: string, { state }: ClusterView): void {
  if (state === 'AwaitingQuorum') return;
  const allowed = 'only while it is AwaitingQuorum, and no job of it has gone on';
  throw new WaybillError('InvalidJobState', { action, state, allowed });
}

/** Changes a cluster and all its jobs. Throws NotFound, InvalidJobState, and what `changeJob` throws. */
export async function changeCluster(
  db: ConsoleDatabase,
  actor: Actor,
  order: { clusterId: string; change: JobChange; request: KeptRequest },
  now: Date,
): Promise<void> {
  const { clusterId, change, request } = order;
  authorize(actor, 'job.change');
  await db.transaction(async (tx) => {
    const view = await clusterOf(tx, clusterId);
    requireQuorumAwaited('updating a cluster', view);
    if (change.addressId) await usableAddress(tx, change.addressId);
    for (const { job, kept } of view.jobs) {
      if (job.state === 'cancelled') continue;
      const name =
        change.name === undefined ? {} : { name: memberName(change.name, kept?.part ?? 1) };
      const own = { jobId: job.id, change: { ...change, ...name }, request };
      await applyAwsChange(tx, actor, own, now);
    }
    const merged = { ...view.cluster.request, ...request };
    await tx.update(awsClusters).set({ request: merged }).where(eq(awsClusters.id, clusterId));
    const detail = { clusterId, ...change };
    await appendCustody(tx, actor, { kind: 'cluster.changed', detail }, now);
  });
}

/** Cancels a cluster and all its jobs. Throws NotFound, InvalidJobState, Forbidden. */
export async function cancelCluster(
  db: ConsoleDatabase,
  actor: Actor,
  clusterId: string,
  now: Date,
): Promise<void> {
  authorize(actor, 'job.cancel');
  await db.transaction(async (tx) => {
    const view = await clusterOf(tx, clusterId);
    requireQuorumAwaited('cancelling a cluster', view);
    for (const { job } of view.jobs) {
      if (job.state === 'cancelled') continue;
      await applyAction(tx, actor, { jobId: job.id, action: 'cancel' }, now);
    }
    const cancelledAt = now.toISOString();
    await tx.update(awsClusters).set({ cancelledAt }).where(eq(awsClusters.id, clusterId));
    const detail = { clusterId };
    await appendCustody(tx, actor, { kind: 'cluster.cancelled', detail }, now);
  });
}
