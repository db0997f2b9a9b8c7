import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CancelJobCommand,
  CreateJobCommand,
  type CreateJobCommandInput,
  CreateReturnShippingLabelCommand,
  DescribeJobCommand,
  DescribeReturnShippingLabelCommand,
  GetJobManifestCommand,
  GetJobUnlockCodeCommand,
  GetSnowballUsageCommand,
  ListCompatibleImagesCommand,
  ListJobsCommand,
  ListLongTermPricingCommand,
  type SnowballClient,
  UpdateJobCommand,
  UpdateJobShipmentStateCommand,
} from '@aws-sdk/client-snowball';
import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { TB } from '../../domain/sizes.ts';
import { SYSTEM } from '../../server/actors/actor.ts';
import { jobs } from '../../server/db/schema/jobs.ts';
import { assignDevice, markPrepared } from '../../server/devices/assign-device.ts';
import { addDevice } from '../../server/devices/device-register.ts';
import { act } from '../../server/lifecycle/transitions.ts';
import { type AwsWorld, awsWorld } from '../../testing/aws-world.ts';

/** The SDK of AWS drives the API over HTTP. */

const BUCKET = { BucketArn: 'arn:aws:s3:::default' };
const importOf = (changes: Partial<CreateJobCommandInput> = {}): CreateJobCommandInput => ({
  ...{ JobType: 'IMPORT', SnowballType: 'STANDARD', SnowballCapacityPreference: 'T80' },
  ...{
    Resources: { S3Resources: [BUCKET] },
    Description: 'Archive of 2025',
    ShippingOption: 'SECOND_DAY',
  },
  ...{
    KmsKeyARN: 'arn:aws:kms:eu-west-1:123456789012:key/abc',
    RoleARN: 'arn:aws:iam::123456789012:role/r',
  },
  ...changes,
});

const fails = (promise: Promise<unknown>) =>
  promise.then(
    () => ({ name: 'accepted' }),
    (error: { name: string; message: string; $metadata: { httpStatusCode?: number } }) => error,
  );

const make = async (client: SnowballClient, changes: Partial<CreateJobCommandInput> = {}) =>
  (await client.send(new CreateJobCommand(importOf(changes)))).JobId ?? '';

/** Brings an appliance to the site, as facility and carrier do. */
async function toSite({ console }: AwsWorld, jobId: string, deviceId = 'SB-1') {
  const { db } = console;
  const now = new Date();
  await addDevice(db, SYSTEM, { id: deviceId, capacityBytes: 80 * TB, note: '' }, now);
  await assignDevice(db, SYSTEM, { jobId, deviceId }, now);
  await act(db, SYSTEM, { jobId, action: 'prepare' }, now);
  await markPrepared(db, { ...SYSTEM, role: 'station' }, jobId, now);
  for (const action of ['mark-ready', 'ship-to-site'] as const) {
    const shipment = { carrier: 'UPS', trackingNumber: '1Z999' };
    await act(db, SYSTEM, { jobId, action, shipment }, now);
  }
}

describe('an import', () => {
  test('is created, described, changed and cancelled, in console and API alike', async () => {
    const world = await awsWorld();
    const client = await world.snowball('operator');
    const JobId = await make(client);
    expect(JobId).toMatch(/^JID[0-9a-f-]{36}$/);
    const console = await world.as('operator');
    const params = { jobId: JobId };
    expect(await console.call('getJob', { params })).toMatchObject({
      ...{ name: 'Archive of 2025', option: 'snowball', sizeBytes: 80 * TB, type: 'import' },
      ...{ storeId: 'embedded', bucket: 'default', createdBy: 'person:operator@example.org' },
    });
    await client.send(
      new UpdateJobCommand({ JobId, Description: 'Archive', SnowballCapacityPreference: 'T50' }),
    );
    expect(await console.call('getJob', { params })).toMatchObject({
      shippingService: 'second-day',
    });
    await console.call('changeJob', {
      ...{ params, body: { name: 'Renamed in the console', shippingService: 'next-day' } },
    });
    const { JobMetadata } = await client.send(new DescribeJobCommand({ JobId }));
    expect(JobMetadata).toMatchObject({
      ...{ JobId, JobState: 'New', JobType: 'IMPORT', SnowballType: 'STANDARD' },
      ...{ SnowballCapacityPreference: 'T50', Resources: { S3Resources: [BUCKET] } },
      ...{ KmsKeyARN: importOf().KmsKeyARN, RoleARN: importOf().RoleARN },
      ShippingDetails: { ShippingOption: 'NEXT_DAY' },
    });
    expect(JobMetadata?.CreationDate).toBeInstanceOf(Date);
    await client.send(new CancelJobCommand({ JobId }));
    expect(await console.call('getJob', { params })).toMatchObject({ state: 'cancelled' });
    expect(await fails(client.send(new CancelJobCommand({ JobId })))).toMatchObject({
      name: 'InvalidJobStateException',
      message: expect.stringContaining('cancelled'),
    });
  });

  test('travels: manifest by a link, unlock code, arrival and return', async () => {
    const world = await awsWorld();
    const client = await world.snowball('operator');
    const JobId = await make(client);
    const early = await fails(client.send(new GetJobManifestCommand({ JobId })));
    expect(early).toMatchObject({ name: 'InvalidJobStateException' });
    await toSite(world, JobId);
    await client.send(new UpdateJobShipmentStateCommand({ JobId, ShipmentState: 'RECEIVED' }));
    const { JobMetadata } = await client.send(new DescribeJobCommand({ JobId }));
    expect(JobMetadata).toMatchObject({
      ...{ JobState: 'WithCustomer', SnowballId: 'SB-1' },
      ShippingDetails: { OutboundShipment: { Status: 'Delivered', TrackingNumber: '1Z999' } },
    });
    const { ManifestURI = '' } = await client.send(new GetJobManifestCommand({ JobId }));
    const manifest = await fetch(ManifestURI);
    expect(manifest.status).toBe(200);
    expect(Buffer.from(await manifest.arrayBuffer()).subarray(0, 2)).toEqual(
      Buffer.from([0x30, 0x82]),
    );
    expect((await fetch(`${ManifestURI.slice(0, -2)}AA`)).status).toBe(403);
    const { UnlockCode } = await client.send(new GetJobUnlockCodeCommand({ JobId }));
    expect(UnlockCode).toMatch(/^[0-9A-Za-z]{5}(-[0-9A-Za-z]{5}){4}$/);
    const { entries } = await (await world.as('operator')).call('jobCustody', {
      params: { jobId: JobId },
    });
    const kinds = entries.map((entry) => entry.kind);
    expect(kinds).toEqual(
      expect.arrayContaining([
        'credentials.link',
        'credentials.manifest',
        'credentials.unlock-code',
      ]),
    );
    const unsealed = await fails(
      client.send(new UpdateJobShipmentStateCommand({ JobId, ShipmentState: 'RETURNED' })),
    );
    expect(unsealed).toMatchObject({
      name: 'InvalidJobStateException',
      message: expect.stringContaining('not sealed'),
    });
    const withheld = await fails(client.send(new CreateReturnShippingLabelCommand({ JobId })));
    expect(withheld).toMatchObject({ name: 'InvalidJobStateException' });
    await world.console.db.transaction(async (tx) => {
      await tx.update(jobs).set({ sealed: true }).where(eq(jobs.id, JobId));
    });
    const made = await client.send(new CreateReturnShippingLabelCommand({ JobId }));
    expect(made.Status).toBe('Succeeded');
    const label = await client.send(new DescribeReturnShippingLabelCommand({ JobId }));
    expect(label).toMatchObject({ Status: 'Succeeded', ExpirationDate: expect.any(Date) });
    const paper = await fetch(label.ReturnShippingLabelURI ?? '');
    expect(paper.headers.get('content-type')).toBe('application/pdf');
    expect(
      Buffer.from(await paper.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
    await client.send(new UpdateJobShipmentStateCommand({ JobId, ShipmentState: 'RETURNED' }));
    expect((await client.send(new DescribeJobCommand({ JobId }))).JobMetadata?.JobState).toBe(
      'InTransitToAWS',
    );
    expect((await fetch(ManifestURI)).status).toBe(409);
  });
});

describe('an export', () => {
  test('larger than a device becomes parts, one after the other in the order of keys', async () => {
    const world = await awsWorld();
    const client = await world.snowball('operator');
    const bucket = join(world.console.paths.store, 'default');
    mkdirSync(join(bucket, 'b'));
    // Sparse files: sizes count, not what is on the disk.
    for (const key of ['a', 'b/1', 'b/2', 'c', 'd']) {
      writeFileSync(join(bucket, key), '');
      truncateSync(join(bucket, key), 12 * TB);
    }
    const request = importOf({ JobType: 'EXPORT', SnowballCapacityPreference: 'T50' });
    const { JobId } = await client.send(new CreateJobCommand(request));
    const described = async () => client.send(new DescribeJobCommand({ JobId }));
    await expect.poll(async () => (await described()).JobMetadata?.JobState).toBe('New');
    const { SubJobMetadata = [] } = await described();
    const ranges = SubJobMetadata.map((part) => part.Resources?.S3Resources?.[0]?.KeyRange);
    expect(ranges).toEqual([{ EndMarker: 'c' }, { BeginMarker: 'd' }]);
    const { JobListEntries = [] } = await client.send(new ListJobsCommand({}));
    const listed = JobListEntries.map((entry) => [
      entry.IsMaster,
      entry.Description,
      entry.JobState,
    ]);
    expect(listed).toEqual([
      [false, 'Archive of 2025', 'New'],
      [false, 'Archive of 2025', 'New'],
      [true, 'Archive of 2025', 'New'],
    ]);
    const { jobs: inConsole } = await (await world.as('viewer')).call('listJobs', { query: {} });
    expect(inConsole.map((job) => job.name)).toEqual([
      'Archive of 2025 (part 2 of 2)',
      'Archive of 2025 (part 1 of 2)',
    ]);
    const [first] = SubJobMetadata;
    await act(
      world.console.db,
      SYSTEM,
      { jobId: first?.JobId ?? '', action: 'prepare' },
      new Date(),
    );
    expect((await fails(client.send(new CancelJobCommand({ JobId })))).name).toBe(
      'InvalidJobStateException',
    );
    expect((await described()).SubJobMetadata?.[1]?.JobState).toBe('New');
    expect((await fails(client.send(new GetJobUnlockCodeCommand({ JobId })))).name).toBe(
      'InvalidJobStateException',
    );
  });

  test('of a range without a key is refused', async () => {
    const world = await awsWorld();
    const client = await world.snowball('operator');
    const request = importOf({ JobType: 'EXPORT' });
    expect(await fails(client.send(new CreateJobCommand(request)))).toMatchObject({
      ...{ name: 'InvalidResourceException', ResourceType: 'KeyRange' },
    });
  });
});

describe('a list', () => {
  test('is paged by tokens that nobody can make', async () => {
    const world = await awsWorld();
    const client = await world.snowball('operator');
    const made: string[] = [];
    for (let i = 0; i < 5; i += 1) made.unshift(await make(client, { Description: `job ${i}` }));
    const seen: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(
        new ListJobsCommand({ MaxResults: 2, ...(NextToken ? { NextToken } : {}) }),
      );
      seen.push(...(page.JobListEntries ?? []).map((entry) => entry.JobId));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(seen).toEqual(made);
    const forged = new ListJobsCommand({ NextToken: 'eyJqb2IiOjF9.AAAA' });
    expect(await fails(client.send(forged))).toMatchObject({ name: 'InvalidNextTokenException' });
  });
});

describe('what is refused', () => {
  test('is told by the exceptions that the SDK knows', async () => {
    const world = await awsWorld();
    const client = await world.snowball('operator');
    const refused = async (changes: Partial<CreateJobCommandInput>) =>
      (await fails(client.send(new CreateJobCommand(importOf(changes))))).name;
    expect(await refused({ JobType: 'LOCAL_USE' })).toBe('InvalidInputCombinationException');
    expect(await refused({ SnowballType: 'SNC1_HDD' })).toBe('InvalidInputCombinationException');
    expect(await refused({ Resources: { S3Resources: [BUCKET, BUCKET] } })).toBe(
      'InvalidInputCombinationException',
    );
    expect(
      await refused({ Resources: { S3Resources: [{ BucketArn: 'arn:aws:s3:::none' }] } }),
    ).toBe('InvalidResourceException');
    expect(await refused({ KmsKeyARN: 'key' })).toBe('ValidationException');
    const JobId = 'JID00000000-0000-0000-0000-000000000000';
    expect(await fails(client.send(new DescribeJobCommand({ JobId })))).toMatchObject({
      ...{ name: 'InvalidResourceException', ResourceType: 'Job' },
    });
    const viewer = await world.snowball('viewer');
    expect((await fails(viewer.send(new CreateJobCommand(importOf())))).name).toBe(
      'AccessDeniedException',
    );
  });

  test('includes wrong, revoked and replayed signatures', async () => {
    const world = await awsWorld();
    const key = await world.key('operator');
    const list = (client: SnowballClient) => fails(client.send(new ListJobsCommand({})));
    expect((await list(world.snowballWith(key))).name).toBe('accepted');
    const wrong = world.snowballWith({ ...key, secretAccessKey: 'x'.repeat(40) });
    expect((await list(wrong)).name).toBe('InvalidSignatureException');
    const unknown = world.snowballWith({ ...key, accessKeyId: 'WBAKAAAAAAAAAAAAAAAA' });
    expect((await list(unknown)).name).toBe('UnrecognizedClientException');
    const late = world.snowballWith(key);
    late.config.systemClockOffset = -20 * 60_000;
    expect(await list(late)).toMatchObject({
      name: 'InvalidSignatureException',
      message: expect.stringMatching(/^Signature expired/),
    });
    const admin = await world.as('admin');
    const body = { disabled: true };
    await admin.call('changePerson', { params: { personId: 'operator@example.org' }, body });
    expect((await list(world.snowballWith(key))).name).toBe('UnrecognizedClientException');
  });
});

test('what the installation has is counted, and what it has not is an empty list', async () => {
  const world = await awsWorld();
  const client = await world.snowball('operator');
  const JobId = await make(client);
  await toSite(world, JobId);
  await addDevice(
    world.console.db,
    SYSTEM,
    { id: 'SB-2', capacityBytes: TB, note: '' },
    new Date(),
  );
  const usage = await client.send(new GetSnowballUsageCommand({}));
  expect(usage).toMatchObject({ SnowballLimit: 2, SnowballsInUse: 1 });
  const images = await client.send(new ListCompatibleImagesCommand({}));
  expect(images.CompatibleImages).toEqual([]);
  const forged = new ListLongTermPricingCommand({ NextToken: 'x.y' });
  expect((await fails(client.send(forged))).name).toBe('InvalidNextTokenException');
});

test('a topic is the target of its name, and hears of the states that were asked for', async () => {
  const world = await awsWorld();
  const admin = await world.as('admin');
  const target = await admin.call('addTarget', {
    body: {
      ...{ name: 'shipping', kind: 'email', address: 'ship@example.org', everyJob: false },
      ...{ notifyAll: false, states: [], attention: false },
    },
  });
  const client = await world.snowball('operator');
  const Notification = {
    SnsTopicARN: 'arn:aws:sns:eu-west-1:123456789012:shipping',
    JobStatesToNotify: ['WithCustomer', 'InProgress'] as ('WithCustomer' | 'InProgress')[],
  };
  const JobId = await make(client, { Notification });
  const params = { jobId: JobId };
  const chosen = { targetIds: [target.id], notifyAll: false, attention: false };
  expect((await admin.call('getJob', { params })).notification).toEqual({
    ...{ ...chosen, states: ['exporting', 'at-site', 'importing'] },
  });
  await admin.call('changeJob', {
    params,
    body: { notification: { ...chosen, states: ['completed'] } },
  });
  const { JobMetadata } = await client.send(new DescribeJobCommand({ JobId }));
  expect(JobMetadata?.Notification).toMatchObject({
    ...{ SnsTopicARN: Notification.SnsTopicARN, JobStatesToNotify: ['Complete'] },
  });
  const SnsTopicARN = 'arn:aws:sns:eu-west-1:123456789012:nobody';
  await client.send(new UpdateJobCommand({ JobId, Notification: { SnsTopicARN } }));
  expect((await admin.call('getJob', { params })).notification).toBeNull();
});

test('functions are the steps of their names, on the keys of their triggers', async () => {
  const world = await awsWorld();
  const client = await world.snowball('operator');
  const functions = (name: string, trigger: string) => ({
    SnowballType: 'EDGE' as const,
    Resources: {
      S3Resources: [BUCKET],
      LambdaResources: [
        {
          LambdaArn: `arn:aws:lambda:eu-west-1:123456789012:function:${name}`,
          EventTriggers: [{ EventResourceARN: `arn:aws:s3:::${trigger}` }],
        },
      ],
    },
  });
  const asked = functions('zstd', 'default/logs/*');
  const JobId = await make(client, asked);
  const operator = await world.as('operator');
  const params = { jobId: JobId };
  expect((await operator.call('getJob', { params })).processing).toEqual({
    ...{ originals: 'keep', onFailure: 'keep' },
    steps: [{ step: 'zstd', level: 3, match: ['logs/**'] }],
  });
  const told = async () =>
    (await client.send(new DescribeJobCommand({ JobId }))).JobMetadata?.Resources?.LambdaResources;
  expect(await told()).toEqual(asked.Resources.LambdaResources);
  await operator.call('changeJob', { params, body: { processing: null } });
  expect(await told()).toBeUndefined();
  // Code of one's own is kept under the name first; a job has it as it was then.
  const code = 'export const handler = async () => {};';
  const name = 'resize';
  await operator.call('keepFunction', {
    params: { name },
    body: { code, options: { memoryMB: 512 } },
  });
  const own = await make(client, functions('resize:7', 'default/pictures/*'));
  await operator.call('keepFunction', { params: { name }, body: { code: `${code} // changed` } });
  expect((await operator.call('getJob', { params: { jobId: own } })).processing).toMatchObject({
    steps: [{ step: 'function', code, memoryMB: 512, match: ['pictures/**'] }],
  });
  await operator.call('removeFunction', { params: { name } });
  for (const changes of [
    functions('resize', 'default/*'),
    functions('convert', 'default/*'),
    functions('gzip', 'other/*'),
    { ...asked, SnowballType: 'STANDARD' as const },
  ])
    expect((await fails(make(client, changes))).name).toBe('InvalidInputCombinationException');
});
