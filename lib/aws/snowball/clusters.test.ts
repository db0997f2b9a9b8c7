import {
  CancelClusterCommand,
  CancelJobCommand,
  CreateAddressCommand,
  CreateClusterCommand,
  type CreateClusterCommandInput,
  CreateJobCommand,
  DescribeAddressCommand,
  DescribeAddressesCommand,
  DescribeClusterCommand,
  DescribeJobCommand,
  ListClusterJobsCommand,
  ListClustersCommand,
  type SnowballClient,
  UpdateClusterCommand,
  UpdateJobCommand,
} from '@aws-sdk/client-snowball';
import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { CLUSTER_JOBS_MAX, clusterState } from '../../domain/clusters.ts';
import { TB } from '../../domain/sizes.ts';
import type { JobState } from '../../domain/words.ts';
import { jobs } from '../../server/db/schema/jobs.ts';
import { type AwsWorld, awsWorld } from '../../testing/aws-world.ts';

/** The SDK of AWS opens clusters and keeps addresses. */

const ADDRESS = {
  Name: 'Ada Lovelace',
  Street1: 'Unter den Linden 1',
  City: 'Berlin',
  Country: 'DE',
  PostalCode: '10117',
  PhoneNumber: '+49 30 1234567',
};
const BUCKET = { BucketArn: 'arn:aws:s3:::default' };

const nameOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'accepted',
    (error: { name: string }) => error.name,
  );

async function clusterOrder(client: SnowballClient): Promise<CreateClusterCommandInput> {
  const { AddressId } = await client.send(new CreateAddressCommand({ Address: ADDRESS }));
  return {
    JobType: 'IMPORT',
    SnowballType: 'STANDARD',
    SnowballCapacityPreference: 'T80',
    AddressId,
    ShippingOption: 'SECOND_DAY',
    Description: 'Seismic survey',
    Resources: { S3Resources: [BUCKET] },
  };
}

/** Puts a job where facility and carrier would bring it. */
async function bring({ console }: AwsWorld, JobId: string | undefined, state: JobState) {
  await console.db.transaction(async (tx) => {
    await tx
      .update(jobs)
      .set({ state })
      .where(eq(jobs.id, JobId ?? ''));
  });
}

test('a cluster opens jobs of one data set, grows, changes and is cancelled with them', async () => {
  const world = await awsWorld();
  const client = await world.snowball('operator');
  const order = await clusterOrder(client);
  const made = await client.send(new CreateClusterCommand({ ...order, InitialClusterSize: 2 }));
  const { ClusterId = '' } = made;
  expect(ClusterId).toMatch(/^CID[0-9a-f-]{36}$/);
  const { JobId } = await client.send(new CreateJobCommand({ ClusterId }));
  await client.send(new UpdateClusterCommand({ ClusterId, Description: 'Survey of 2026' }));
  const entries = async () =>
    (await client.send(new ListClusterJobsCommand({ ClusterId }))).JobListEntries ?? [];
  const ids = (await entries()).map((entry) => entry.JobId);
  expect(ids).toEqual([...(made.JobListEntries ?? []).map((entry) => entry.JobId), JobId]);
  const person = await world.as('operator');
  const { jobs: listed } = await person.call('listJobs', {
    query: { filter: `group = ${ClusterId}`, order: 'ascending' },
  });
  expect(listed).toMatchObject([
    { name: 'Survey of 2026 (device 1)', sizeBytes: 80 * TB, bucket: 'default' },
    { name: 'Survey of 2026 (device 2)' },
    { name: 'Survey of 2026 (device 3)' },
  ]);
  const inConsole = await person.call('getJob', { params: { jobId: JobId ?? '' } });
  expect(inConsole.group).toEqual({ kind: 'cluster', id: ClusterId, jobs: 3 });
  const { JobMetadata } = await client.send(new DescribeJobCommand({ JobId }));
  expect(JobMetadata).toMatchObject({ ClusterId, JobState: 'New', AddressId: order.AddressId });
  const described = await client.send(new DescribeClusterCommand({ ClusterId }));
  expect(described.ClusterMetadata).toMatchObject({
    ClusterId,
    ClusterState: 'AwaitingQuorum',
    Description: 'Survey of 2026',
    JobType: 'IMPORT',
    SnowballType: 'STANDARD',
    CreationDate: expect.any(Date),
    AddressId: order.AddressId,
    ShippingOption: 'SECOND_DAY',
    Resources: { S3Resources: [BUCKET] },
  });
  await client.send(new CancelClusterCommand({ ClusterId }));
  expect((await entries()).map((entry) => entry.JobState)).toEqual(Array(3).fill('Cancelled'));
  expect(await nameOf(client.send(new CancelClusterCommand({ ClusterId })))).toBe(
    'InvalidJobStateException',
  );
  expect(await nameOf(client.send(new CreateJobCommand({ ClusterId })))).toBe(
    'InvalidJobStateException',
  );
  const { entries: log } = await (await world.as('admin')).call('listCustody', {
    query: { kind: 'cluster' },
  });
  expect(log.map(({ kind }) => kind).sort()).toEqual([
    'cluster.cancelled',
    'cluster.changed',
    'cluster.created',
  ]);
});

test('a cluster goes on with its jobs, and is fixed from the first that goes on', async () => {
  const world = await awsWorld();
  const client = await world.snowball('operator');
  const order = await clusterOrder(client);
  const made = await client.send(new CreateClusterCommand({ ...order, InitialClusterSize: 2 }));
  const { ClusterId, JobListEntries: [first, second] = [] } = made;
  const state = async () =>
    (await client.send(new ListClustersCommand({}))).ClusterListEntries?.[0]?.ClusterState;
  expect(await state()).toBe('AwaitingQuorum');
  await bring(world, first?.JobId, 'preparing');
  expect(await state()).toBe('Pending');
  expect(await nameOf(client.send(new UpdateClusterCommand({ ClusterId })))).toBe(
    'InvalidJobStateException',
  );
  expect(await nameOf(client.send(new CancelClusterCommand({ ClusterId })))).toBe(
    'InvalidJobStateException',
  );
  await bring(world, first?.JobId, 'at-site');
  expect(await state()).toBe('InUse');
  await bring(world, first?.JobId, 'completed');
  expect(await state()).toBe('InUse');
  await client.send(new CancelJobCommand({ JobId: second?.JobId }));
  expect(await state()).toBe('Complete');
  expect(clusterState(false, ['cancelled', 'cancelled'])).toBe('AwaitingQuorum');
});

test('clusters and their jobs are paged, each list by tokens of its own', async () => {
  const world = await awsWorld();
  const client = await world.snowball('operator');
  const order = await clusterOrder(client);
  const ids: string[] = [];
  for (const size of [0, 0, 3]) {
    const made = new CreateClusterCommand({ ...order, InitialClusterSize: size });
    ids.unshift((await client.send(made)).ClusterId ?? '');
  }
  const page = await client.send(new ListClustersCommand({ MaxResults: 2 }));
  const rest = await client.send(new ListClustersCommand({ NextToken: page.NextToken }));
  const found = [...(page.ClusterListEntries ?? []), ...(rest.ClusterListEntries ?? [])];
  expect(found.map((entry) => entry.ClusterId)).toEqual(ids);
  const [ClusterId] = ids;
  const some = await client.send(new ListClusterJobsCommand({ ClusterId, MaxResults: 2 }));
  expect(some.JobListEntries).toHaveLength(2);
  const { NextToken } = some;
  const last = await client.send(new ListClusterJobsCommand({ ClusterId, NextToken }));
  expect(last.JobListEntries).toHaveLength(1);
  const elsewhere = new ListClusterJobsCommand({ ClusterId: ids[1], NextToken });
  expect(await nameOf(client.send(elsewhere))).toBe('InvalidNextTokenException');
});

test('what does not fit a cluster is refused by the exceptions that the SDK knows', async () => {
  const world = await awsWorld();
  const client = await world.snowball('operator');
  const order = await clusterOrder(client);
  const refused = (changes: Partial<CreateClusterCommandInput>) =>
    nameOf(client.send(new CreateClusterCommand({ ...order, ...changes })));
  const needs = {
    OnDeviceServiceConfiguration: { S3OnDeviceService: { StorageLimit: 200, StorageUnit: 'TB' } },
  } as const;
  expect(await refused({ JobType: 'LOCAL_USE' })).toBe('InvalidInputCombinationException');
  expect(await refused({ JobType: 'EXPORT' })).toBe('InvalidInputCombinationException');
  const AddressId = 'ADID00000000-0000-0000-0000-000000000000';
  expect(await refused({ AddressId })).toBe('InvalidResourceException');
  expect(await refused({ ...needs, InitialClusterSize: 2 })).toBe(
    'InvalidInputCombinationException',
  );
  expect(await refused({ ...needs, InitialClusterSize: 2, ForceCreateJobs: true })).toBe(
    'accepted',
  );
  expect(await refused({ ...needs, InitialClusterSize: 3 })).toBe('accepted');
  const full = await client.send(
    new CreateClusterCommand({ ...order, InitialClusterSize: CLUSTER_JOBS_MAX }),
  );
  const { ClusterId, JobListEntries: [first] = [] } = full;
  expect(await nameOf(client.send(new CreateJobCommand({ ClusterId })))).toBe(
    'ClusterLimitExceededException',
  );
  const other = new CreateJobCommand({ ClusterId, SnowballType: 'EDGE' });
  expect(await nameOf(client.send(other))).toBe('InvalidInputCombinationException');
  const alone = new UpdateJobCommand({ JobId: first?.JobId, SnowballCapacityPreference: 'T50' });
  expect(await nameOf(client.send(alone))).toBe('InvalidInputCombinationException');
  const unknown = new DescribeClusterCommand({
    ClusterId: 'CID00000000-0000-0000-0000-000000000000',
  });
  expect(await nameOf(client.send(unknown))).toBe('InvalidResourceException');
  const viewer = await world.snowball('viewer');
  expect(await nameOf(viewer.send(new CreateClusterCommand(order)))).toBe('AccessDeniedException');
});

test('addresses are kept, told and paged; one that is none is refused', async () => {
  const world = await awsWorld();
  const client = await world.snowball('operator');
  const add = async (changes: object = {}) => {
    const Address = { ...ADDRESS, ...changes };
    return (await client.send(new CreateAddressCommand({ Address }))).AddressId ?? '';
  };
  const ids = [await add(), await add({ Company: 'Analytical Engines' }), await add()];
  expect(ids[0]).toMatch(/^ADID[0-9a-f-]{36}$/);
  const { Address } = await client.send(new DescribeAddressCommand({ AddressId: ids[1] }));
  expect(Address).toMatchObject({ ...ADDRESS, AddressId: ids[1], Company: 'Analytical Engines' });
  const page = await client.send(new DescribeAddressesCommand({ MaxResults: 2 }));
  const rest = await client.send(new DescribeAddressesCommand({ NextToken: page.NextToken }));
  const told = [...(page.Addresses ?? []), ...(rest.Addresses ?? [])];
  expect(told.map((one) => one.AddressId)).toEqual(ids.reverse());
  expect(await nameOf(add({ PostalCode: 'x' }))).toBe('InvalidAddressException');
  const unknown = new DescribeAddressCommand({
    AddressId: 'ADID00000000-0000-0000-0000-000000000000',
  });
  expect(await nameOf(client.send(unknown))).toBe('InvalidResourceException');
});
