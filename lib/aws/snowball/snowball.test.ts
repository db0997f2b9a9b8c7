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
import { addDevice } from '../../server/devices/device-register.ts';
import { act } from '../../server/lifecycle/transitions.ts';
import { awsWorld } from '../../testing/aws-world.ts';
import { BUCKET, fails, importOf, make, toSite } from '../../testing/snowball-orders.ts';

describe('an import', () => {
  test('is created, described, changed and cancelled, in console and API alike', async () => {
    const world = await awsWorld();
    const client = await world.snowball('operator');
    const JobId = await make(client);
    expect(JobId).toMatch(/^JID[0-9a-f-]{36}$/);
    const console = await world.as('operator');
    const params = { jobId: JobId };
    expect(await console.call('getJob', { params })).toMatchObject({
      name: 'Archive of 2025',
      option: 'snowball',
      sizeBytes: 80 * TB,
      type: 'import',
      storeId: 'embedded',
      bucket: 'default',
      createdBy: 'person:operator@example.org',
    });
    await client.send(
      new UpdateJobCommand({ JobId, Description: 'Archive', SnowballCapacityPreference: 'T50' }),
    );
    expect(await console.call('getJob', { params })).toMatchObject({
      shippingService: 'second-day',
    });
    await console.call('changeJob', {
      params,
      body: { name: 'Renamed in the console', shippingService: 'next-day' },
    });
    const { JobMetadata } = await client.send(new DescribeJobCommand({ JobId }));
    expect(JobMetadata).toMatchObject({
      JobId,
      JobState: 'New',
      JobType: 'IMPORT',
      SnowballType: 'STANDARD',
      SnowballCapacityPreference: 'T50',
      Resources: { S3Resources: [BUCKET] },
      KmsKeyARN: importOf().KmsKeyARN,
      RoleARN: importOf().RoleARN,
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
      JobState: 'WithCustomer',
      SnowballId: 'SB-1',
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
      name: 'InvalidResourceException',
      ResourceType: 'KeyRange',
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
      name: 'InvalidResourceException',
      ResourceType: 'Job',
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
