import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ImportExport from 'aws-sdk/clients/importexport.js';
import { expect, test } from 'vitest';
import { checkSignature } from '../../../agent/station/disk-order.ts';
import { diskSeq } from '../../domain/disk-code.ts';
import { TB } from '../../domain/sizes.ts';
import { expireDiskOrders } from '../../server/aws/disk-expiry.ts';
import { diskOrderOf } from '../../server/aws/disk-orders.ts';
import { type AwsWorld, awsWorld, REGION } from '../../testing/aws-world.ts';
import { newJobBody } from '../../testing/console-world.ts';
import { tempDir } from '../../testing/temp.ts';

/** The SDK of AWS (version 2, the last that has this service) drives the API over HTTP. */

process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1';

const MANIFEST = `manifestVersion: 2.0;
deviceId: 0123
bucket:default
prefix: archive/
logPrefix: logs/
eraseDevice: yes
trueCryptPassword: secret-word
returnAddress:
name: Ada Lovelace
street1: Unter den Linden 1
city: Berlin
postalCode: 10117
phoneNumber: +49 30 1234567
country: Germany
`;

async function clientOf(world: AwsWorld): Promise<ImportExport> {
  const credentials = await world.key('operator');
  const { endpoint } = world;
  // What is missing is to be found by the server.
  const plain = { maxRetries: 0, paramValidation: false };
  return new ImportExport({ endpoint, region: REGION, credentials, ...plain });
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'accepted',
    (error) => error.code,
  );

test('a disk job is tried, made, described, changed, listed and cancelled', async () => {
  const world = await awsWorld();
  const client = await clientOf(world);
  const order = { JobType: 'Import', Manifest: MANIFEST };
  const tried = await client.createJob({ ...order, ValidateOnly: true }).promise();
  expect(tried.JobId).toBeUndefined();
  expect((await client.listJobs().promise()).Jobs).toEqual([]);
  const made = await client.createJob({ ...order, ValidateOnly: false }).promise();
  const JobId = made.JobId ?? '';
  expect(JobId).toMatch(/^[A-NP-Z1-9]{5}$/);
  expect(made.SignatureFileContents).toContain(`jobId:${JobId}\nsignature:${made.Signature}`);
  const { jobs } = await (await world.as('viewer')).call('listJobs', { query: {} });
  expect(jobs[0]).toMatchObject({
    option: 'disk',
    name: 'Disk 0123',
    encrypted: true,
    prefix: 'archive/',
  });
  const status = await client.getStatus({ JobId }).promise();
  expect(status).toMatchObject({ LocationCode: 'NotReceived', ProgressCode: 'Pending' });
  expect(status.CurrentManifest).not.toContain('secret-word');
  const changed = MANIFEST.replace('archive/', 'other/');
  await client
    .updateJob({ JobId, JobType: 'Import', Manifest: changed, ValidateOnly: false })
    .promise();
  const after = await client.getStatus({ JobId }).promise();
  expect(after.Signature).not.toBe(made.Signature);
  await client.cancelJob({ JobId: JobId.toLowerCase() }).promise();
  expect(await codeOf(client.cancelJob({ JobId }).promise())).toBe('CanceledJobIdException');
  expect((await client.listJobs().promise()).Jobs).toMatchObject([{ JobId, IsCanceled: true }]);
});

test('an order expires when no disk comes within 30 days; a job made elsewhere does not', async () => {
  const world = await awsWorld();
  const client = await clientOf(world);
  const order = { JobType: 'Import', Manifest: MANIFEST, ValidateOnly: false };
  const { JobId = '' } = await client.createJob(order).promise();
  const operator = await world.as('operator');
  const body = newJobBody({ option: 'disk', sizeBytes: TB });
  const { id: other } = await operator.call('createJob', { body });
  const later = (days: number) => new Date(Date.now() + days * 86_400_000);
  await expireDiskOrders(world.console.db, later(29));
  expect((await client.getStatus({ JobId }).promise()).ProgressCode).toBe('Pending');
  await expireDiskOrders(world.console.db, later(31));
  expect((await client.getStatus({ JobId }).promise()).ProgressCode).toBe('Expired');
  expect(await codeOf(client.cancelJob({ JobId }).promise())).toBe('ExpiredJobIdException');
  expect((await operator.call('getJob', { params: { jobId: other } })).state).toBe('created');
});

test('the disk carries the signature of its instructions, or the station refuses it', async () => {
  const world = await awsWorld();
  const client = await clientOf(world);
  const order = { JobType: 'Import', Manifest: MANIFEST, ValidateOnly: false };
  const { JobId = '', SignatureFileContents = '' } = await client.createJob(order).promise();
  const { jobs } = await (await world.as('viewer')).call('listJobs', { query: {} });
  const job = jobs.find(({ seq }) => seq === diskSeq(JobId));
  const kept = await diskOrderOf(world.console.db.read, job?.id ?? '');
  const spec = { kind: 'directory' as const, root: '/', bucket: 'b' };
  const expected = {
    code: JobId,
    signatureFile: kept?.signatureFile ?? '',
    log: { spec, key: '' },
  };
  const device = tempDir();
  const refusal = () => {
    try {
      checkSignature(device, expected);
      return 'accepted';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect(refusal()).toBe('DiskSignatureMissing');
  writeFileSync(join(device, 'SIGNATURE'), SignatureFileContents.replace(/\n/g, '\r\n'));
  expect(refusal()).toBe('accepted');
  writeFileSync(
    join(device, 'SIGNATURE'),
    SignatureFileContents.replace(/signature:./, 'signature:!'),
  );
  expect(refusal()).toBe('DiskSignatureWrong');
});

test('what is wrong with a manifest is told by the exceptions of the service', async () => {
  const client = await clientOf(await awsWorld());
  const refused = (Manifest: string, JobType = 'Import') =>
    codeOf(client.createJob({ JobType, Manifest, ValidateOnly: true }).promise());
  expect(await refused(MANIFEST)).toBe('accepted');
  expect(await refused('a: [')).toBe('MalformedManifestException');
  expect(await refused(MANIFEST.replace('deviceId: 0123\n', ''))).toBe(
    'MissingManifestFieldException',
  );
  expect(await refused(`${MANIFEST}ignore:\n- .*\n`)).toBe('InvalidManifestFieldException');
  expect(await refused(MANIFEST.replace('default', 'none'))).toBe('NoSuchBucketException');
  expect(await refused(MANIFEST.replace('10117', 'x'))).toBe('InvalidAddressException');
  expect(await refused(`${MANIFEST}accessKeyId: WBAKOTHER\n`)).toBe('InvalidAccessKeyIdException');
  const bare = { JobType: 'Import', ValidateOnly: true } as ImportExport.CreateJobInput;
  expect(await codeOf(client.createJob(bare).promise())).toBe('MissingParameterException');
  expect(await refused(MANIFEST, 'Move')).toBe('InvalidParameterException');
  expect(await codeOf(client.getStatus({ JobId: 'AAAAA' }).promise())).toBe(
    'InvalidJobIdException',
  );
});
