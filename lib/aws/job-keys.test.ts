import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateAddressCommand,
  CreateClusterCommand,
  CreateJobCommand,
  GetJobManifestCommand,
  GetJobUnlockCodeCommand,
  ListClustersCommand,
  ListJobsCommand,
  type SnowballClient,
} from '@aws-sdk/client-snowball';
import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { importFrom } from '../../agent/station/import.ts';
import { prepare } from '../../agent/station/prepare.ts';
import { receive } from '../../agent/station/receive.ts';
import { unlockManifest } from '../keys/manifest/manifest.ts';
import { rotateMasterKey } from '../server/admin/rotate.ts';
import { jobCredentials } from '../server/db/schema/credentials.ts';
import { awsWorld } from '../testing/aws-world.ts';
import { runProgram } from '../testing/command-host.ts';
import { actOn, device, facility, imported } from '../testing/facility-world.ts';
import { KMS_REGION, kmsServer } from '../testing/servers/kms-server.ts';
import { makeTree, snapshot } from '../testing/trees.ts';

/** Orders of AWS's client that name a key of AWS KMS, as the service of that key sees them. */

async function ordering() {
  const kms = await kmsServer();
  const installation = kms.newKey();
  const world = await awsWorld(kms.environment(installation));
  const at = await facility(world);
  const client = await world.snowball('admin');
  kms.seen.length = 0;
  return { kms, installation, world, at, client };
}

const order = {
  ...({ JobType: 'IMPORT', SnowballType: 'STANDARD', SnowballCapacityPreference: 'T80' } as const),
  Resources: { S3Resources: [{ BucketArn: 'arn:aws:s3:::default' }] },
};

const ADDRESS = {
  Name: 'Ada Lovelace',
  Street1: 'Unter den Linden 1',
  City: 'Berlin',
  Country: 'DE',
  PostalCode: '10117',
  PhoneNumber: '+49 30 1234567',
};

const create = async (client: SnowballClient, KmsKeyARN: string) =>
  (await client.send(new CreateJobCommand({ ...order, KmsKeyARN }))).JobId ?? '';

const fails = (promise: Promise<unknown>) =>
  promise.then(
    () => ({ name: 'accepted' }),
    (error: { name: string; message: string; $metadata: { httpStatusCode?: number } }) => error,
  );

test('a job has its keys under the key that its order names, from the order to the import', async () => {
  const { kms, installation, world, at, client } = await ordering();
  const keyArn = kms.newKey();
  const JobId = await create(client, keyArn);
  const deviceDir = device(at, 'SB-1');
  await prepare(at.station, JobId, deviceDir);
  for (const action of ['ship-to-site', 'deliver'] as const)
    await actOn(at.operator, JobId, action);

  // The site has nothing but what AWS's client gets.
  const { ManifestURI = '' } = await client.send(new GetJobManifestCommand({ JobId }));
  const { UnlockCode = '' } = await client.send(new GetJobUnlockCodeCommand({ JobId }));
  const manifest = new Uint8Array(await (await fetch(ManifestURI)).arrayBuffer());
  const files = { manifest: join(at.dir, 'manifest'), code: join(at.dir, 'code') };
  writeFileSync(files.manifest, manifest);
  writeFileSync(files.code, UnlockCode);
  makeTree(at.source, { seed: 1, files: 8, bytesMax: 3000 });
  const opened = [
    ...['--device', deviceDir, '--manifest', files.manifest, '--unlock-code-file', files.code],
    ...['--state', join(at.dir, 'site-state'), '--workers', '0'],
  ];
  expect(await runProgram(['copy', at.source, ...opened])).toMatchObject({ exit: 0 });
  expect(await runProgram(['verify', '--full', ...opened])).toMatchObject({ exit: 0 });
  const body = new Uint8Array(readFileSync(join(at.dir, 'site-state/jobs', JobId, 'receipt.cms')));
  await at.operator.call('putSealReceipt', { params: { jobId: JobId }, body });
  await actOn(at.operator, JobId, 'ship-to-facility');
  await receive(at.station, JobId, deviceDir);
  await importFrom(at.station, JobId, deviceDir);
  expect(imported(at)).toEqual(snapshot(at.source));

  const mine = kms.seen.filter(({ context }) => context.job === JobId);
  expect(mine.every(({ key, refused }) => key === keyArn && refused === undefined)).toBe(true);
  const made = mine.filter(({ operation }) => operation === 'GenerateDataKey');
  expect(made.map(({ context }) => context)).toEqual(
    ['job-key', 'private-key', 'unlock-code'].map((use) => ({ job: JobId, use })),
  );
  expect(mine.some(({ operation }) => operation === 'Decrypt')).toBe(true);

  const stored = async () => {
    const theirs = eq(jobCredentials.jobId, JobId);
    const [row] = await world.console.db.read.select().from(jobCredentials).where(theirs);
    return Buffer.from(row?.wrappedJobKey?.split(':')[1] ?? '', 'base64');
  };
  const direct = new KMSClient({ region: KMS_REGION, endpoint: kms.endpoint });
  const decrypt = async (job: string, CiphertextBlob: Buffer) => {
    const EncryptionContext = { job, use: 'job-key' };
    return direct.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
  };
  const { secrets } = await unlockManifest(manifest, UnlockCode);
  const first = await stored();
  const { KeyId, Plaintext = new Uint8Array() } = await decrypt(JobId, first);
  expect(KeyId).toBe(keyArn);
  expect(secrets.jobKey?.equals(Plaintext)).toBe(true);
  expect(await fails(decrypt('JID-other', first))).toMatchObject({
    name: 'InvalidCiphertextException',
  });

  // Another master key of the installation leaves the job its own.
  await rotateMasterKey(world.console, {});
  const again = await stored();
  expect(again.equals(first)).toBe(false);
  expect((await decrypt(JobId, again)).KeyId).toBe(keyArn);
  expect(kms.seen.some(({ key, context }) => key === installation && 'job' in context)).toBe(false);
  direct.destroy();
});

test('an order whose key cannot be used is refused as AWS refuses it, and leaves nothing', async () => {
  const { kms, installation, client } = await ordering();
  const disabled = kms.newKey();
  kms.setEnabled(disabled, false);
  const { AddressId } = await client.send(new CreateAddressCommand({ Address: ADDRESS }));
  const unknown = installation.replace(/[0-9a-f-]{36}$/, '00000000-0000-0000-0000-000000000000');
  for (const [KmsKeyARN, reason] of [
    [disabled, 'DisabledException'],
    [unknown, 'NotFoundException'],
  ] as const) {
    const refusal = {
      name: 'KMSRequestFailedException',
      message: expect.stringContaining(reason),
      $metadata: expect.objectContaining({ httpStatusCode: 400 }),
    };
    expect(await fails(create(client, KmsKeyARN))).toMatchObject(refusal);
    const cluster = { ...order, KmsKeyARN, AddressId, ShippingOption: 'STANDARD' } as const;
    const sized = new CreateClusterCommand({ ...cluster, InitialClusterSize: 2 });
    expect(await fails(client.send(sized))).toMatchObject(refusal);
  }
  expect(await client.send(new ListJobsCommand({}))).toMatchObject({ JobListEntries: [] });
  expect(await client.send(new ListClustersCommand({}))).toMatchObject({ ClusterListEntries: [] });
});

test('a key that is disabled later keeps its job’s secrets to itself until it is enabled again', async () => {
  const { kms, at, client } = await ordering();
  const keyArn = kms.newKey();
  const JobId = await create(client, keyArn);
  await prepare(at.station, JobId, device(at, 'SB-1'));
  for (const action of ['ship-to-site', 'deliver'] as const)
    await actOn(at.operator, JobId, action);
  const reveal = () => client.send(new GetJobUnlockCodeCommand({ JobId }));
  const { UnlockCode } = await reveal();
  kms.setEnabled(keyArn, false);
  expect(await fails(reveal())).toMatchObject({
    name: 'KMSRequestFailedException',
    message: expect.stringContaining('DisabledException'),
  });
  const { ManifestURI = '' } = await client.send(new GetJobManifestCommand({ JobId }));
  expect((await fetch(ManifestURI)).ok).toBe(false);
  kms.setEnabled(keyArn, true);
  expect((await reveal()).UnlockCode).toBe(UnlockCode);
  expect((await fetch(ManifestURI)).ok).toBe(true);
});
