import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateJobCommand,
  DescribeJobCommand,
  type SnowballClient,
} from '@aws-sdk/client-snowball';
import ImportExport from 'aws-sdk/clients/importexport.js';
import { describe, expect, test } from 'vitest';
import { exportTo } from '../../agent/station/export.ts';
import { importFrom } from '../../agent/station/import.ts';
import { prepare } from '../../agent/station/prepare.ts';
import { receive } from '../../agent/station/receive.ts';
import { diskSeq } from '../domain/disk-code.ts';
import { openStore } from '../stores/open.ts';
import type { Store } from '../stores/store.ts';
import type { RemoteSpec } from '../stores/store-spec.ts';
import { type AwsWorld, awsWorld, REGION } from '../testing/aws-world.ts';
import { actOn, copyAtSite, device, type Facility, facility } from '../testing/facility-world.ts';
import { s3Servers } from '../testing/servers/s3-servers.ts';
import { listKeys, putObject, readObject, remoteSpec } from '../testing/store-world.ts';
import { tempDir } from '../testing/temp.ts';
import { makeTree, snapshot } from '../testing/trees.ts';

/** Orders of AWS's clients, carried out by agent and station. */

process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1';

interface Ordering {
  world: AwsWorld;
  at: Facility;
  disks: ImportExport;
  snowball: SnowballClient;
}

async function ordering(): Promise<Ordering> {
  const world = await awsWorld();
  const credentials = await world.key('admin');
  const disks = new ImportExport({ endpoint: world.endpoint, region: REGION, credentials });
  return { world, at: await facility(world), disks, snowball: world.snowballWith(credentials) };
}

/** The id that the console has for a job of Import/Export. */
async function idOf({ at }: Ordering, code: string): Promise<string> {
  const { jobs } = await at.operator.call('listJobs', { query: {} });
  return jobs.find(({ seq }) => seq === diskSeq(code))?.id ?? '';
}

const RETURN_ADDRESS = `returnAddress:
  name: Ada Lovelace
  street1: Unter den Linden 1
  city: Berlin
  postalCode: 10117
  phoneNumber: +49 30 1234567
  country: Germany
`;

/** Fills a disk by its job, sends it in and imports it. */
async function carry(order: Ordering, made: ImportExport.CreateJobOutput): Promise<string> {
  const { at } = order;
  const jobId = await idOf(order, made.JobId ?? '');
  const deviceDir = device(at, `disk-${made.JobId}`);
  if (made.SignatureFileContents)
    writeFileSync(join(deviceDir, 'SIGNATURE'), made.SignatureFileContents);
  await copyAtSite(at, jobId, deviceDir);
  await actOn(at.operator, jobId, 'ship-to-facility');
  await receive(at.station, jobId, deviceDir);
  await importFrom(at.station, jobId, deviceDir);
  return jobId;
}

const pdfOf = async (url: string | undefined): Promise<string> =>
  Buffer.from(await (await fetch(url ?? '')).arrayBuffer())
    .subarray(0, 5)
    .toString();

const textOf = async (store: Store, key: string): Promise<string> =>
  (await readObject(store, key)).toString();

for (const { name, running } of s3Servers('Swift')) {
  describe(`with buckets in ${name}`, () => {
    /** A store of the console, and its bucket. */
    async function withStore({ at }: Ordering): Promise<{ spec: RemoteSpec; store: Store }> {
      const spec = await remoteSpec(running(), 's3');
      const { credentials, ...remote } = spec.remote;
      const body = { id: 'cloud', name: 'Cloud', kind: 's3' as const, remote, credentials };
      await at.operator.call('addStore', { body });
      return { spec, store: openStore(spec) };
    }

    test('a disk is imported and its log is in the log bucket, label and all', async () => {
      const order = await ordering();
      const { disks, at } = order;
      const { spec, store } = await withStore(order);
      makeTree(at.source, { seed: 1, files: 8, bytesMax: 3000 });
      const Manifest = `manifestVersion: 2.0
deviceId: 0123
bucket: cloud.${spec.bucket}
prefix: in/
logBucket: cloud.${spec.bucket}
logPrefix: logs/
eraseDevice: yes
${RETURN_ADDRESS}`;
      const made = await disks
        .createJob({ JobType: 'Import', Manifest, ValidateOnly: false })
        .promise();
      const JobId = made.JobId ?? '';
      const jobId = await carry(order, made);
      const label = await disks.getShippingLabel({ jobIds: [JobId] }).promise();
      expect(await pdfOf(label.ShippingLabelURL)).toBe('%PDF-');
      const status = await disks.getStatus({ JobId }).promise();
      expect(status).toMatchObject({
        LocationCode: 'AtAWS',
        ProgressCode: 'InProgress',
        ErrorCount: 0,
        LogBucket: `cloud.${spec.bucket}`,
        LogKey: `logs/import-log-${JobId}`,
      });
      const files = snapshot(at.source);
      const log = (await textOf(store, status.LogKey ?? '')).trim().split('\n');
      expect(log[0]).toBe('DateTime,File,Status,Code,Key,SHA256');
      for (const [key, sha256] of files) {
        const path = `in/${key}`;
        expect(
          createHash('sha256')
            .update(await readObject(store, path))
            .digest('hex'),
        ).toBe(sha256);
        const line = `${path},200,OK,/${spec.bucket}/${path},${sha256}`;
        expect(log.some((one) => one.endsWith(line))).toBe(true);
      }
      await actOn(at.operator, jobId, 'return');
      await actOn(at.operator, jobId, 'complete');
      expect(await disks.getStatus({ JobId }).promise()).toMatchObject({
        LocationCode: 'Returned',
        ProgressCode: 'Complete',
        Carrier: 'C',
      });
      const late = disks.cancelJob({ JobId }).promise();
      await expect(late).rejects.toMatchObject({ code: 'UnableToCancelJobIdException' });
      await store.close();
    });

    test('a disk is filled by markers, and the log says with what', async () => {
      const order = await ordering();
      const { disks, at } = order;
      const { spec, store } = await withStore(order);
      for (const key of ['a', 'b', 'b/1', 'c', 'd']) await putObject(store, `out/${key}`);
      const Manifest = `manifestVersion: 2.0
deviceId: 0124
fileSystem: EXT4
logBucket: cloud.${spec.bucket}
operations:
  - exportBucket: cloud.${spec.bucket}
    prefix: out/
    beginMarker: out/a
    endMarker: out/c
${RETURN_ADDRESS}`;
      const { JobId = '' } = await disks
        .createJob({ JobType: 'Export', Manifest, ValidateOnly: false })
        .promise();
      const jobId = await idOf(order, JobId);
      const deviceDir = device(at, `disk-${JobId}`);
      await actOn(at.operator, jobId, 'ship-to-facility');
      await receive(at.station, jobId, deviceDir);
      await exportTo(at.station, jobId, deviceDir);
      const status = await disks.getStatus({ JobId }).promise();
      expect(status).toMatchObject({ ErrorCount: 0, LogKey: `export-log-${JobId}` });
      const log = (await textOf(store, `export-log-${JobId}`)).trim().split('\n').slice(1);
      expect(log.map((line) => line.split(',')[4])).toEqual(
        ['b', 'b/1', 'c'].map((key) => `/${spec.bucket}/out/${key}`),
      );
      await store.close();
    });

    test('an export of Snowball has its completion report, and links to it', async () => {
      const order = await ordering();
      const { at, snowball } = order;
      const { spec, store } = await withStore(order);
      for (const key of ['a', 'b']) await putObject(store, key);
      const BucketArn = `arn:aws:s3:::cloud.${spec.bucket}`;
      const { JobId } = await snowball.send(
        new CreateJobCommand({
          JobType: 'EXPORT',
          SnowballType: 'STANDARD',
          SnowballCapacityPreference: 'T80',
          Resources: { S3Resources: [{ BucketArn }] },
        }),
      );
      const described = () => snowball.send(new DescribeJobCommand({ JobId }));
      await expect.poll(async () => (await described()).SubJobMetadata?.length).toBe(1);
      const partId = (await described()).SubJobMetadata?.[0]?.JobId ?? '';
      const deviceDir = device(at, 'SB-1');
      await prepare(at.station, partId, deviceDir);
      await exportTo(at.station, partId, deviceDir);
      const [part] = (await described()).SubJobMetadata ?? [];
      expect(part).toMatchObject({
        JobState: 'PreparingShipment',
        DataTransferProgress: { ObjectsTransferred: 2, TotalObjects: 2 },
      });
      const { JobCompletionReportURI, JobSuccessLogURI, JobFailureLogURI } = part?.JobLogInfo ?? {};
      expect(await pdfOf(JobCompletionReportURI)).toBe('%PDF-');
      const success = await (await fetch(JobSuccessLogURI ?? '')).text();
      expect(
        success
          .trim()
          .split('\r\n')
          .slice(1)
          .map((line) => line.split(',')[0]),
      ).toEqual(['a', 'b']);
      const failure = await (await fetch(JobFailureLogURI ?? '')).text();
      expect(failure.trim().split('\r\n')).toHaveLength(1);
      await store.close();
    });
  });
}

test('disks become images of EBS and archives of Glacier; across a border they need customs', async () => {
  const order = await ordering();
  const { disks, at } = order;
  writeFileSync(join(at.source, 'root.img'), Buffer.alloc(1_000_000, 7));
  for (const kind of ['ebs', 'glacier'] as const) {
    const body = { id: `${kind}-store`, name: kind, kind, root: tempDir(), bucket: 'vault' };
    await at.operator.call('addStore', { body });
  }
  const manifest = (operation: string) => `manifestVersion: 3.0
deviceId: 0125
eraseDevice: yes
logBucket: default
operations:
  - ${operation}
${RETURN_ADDRESS}`;
  const ORDERS = {
    ebs: 'destination: ebs\n    source: device\n    bucket: vault',
    glacier:
      'destination: glacier\n    source: device\n    vaultName: vault\n    archiveComment: 2026',
  };
  const create = (Manifest: string) =>
    disks.createJob({ JobType: 'Import', Manifest, ValidateOnly: false }).promise();
  for (const [kind, operation] of Object.entries(ORDERS)) {
    const made = await create(manifest(operation));
    expect(made.SignatureFileContents).toBeUndefined();
    const jobId = await carry(order, made);
    const key = kind === 'ebs' ? 'root.img' : `${jobId}.tar`;
    const store = await at.operator.call('listStores');
    const { root } = store.stores.find(({ id }) => id === `${kind}-store`) ?? { root: '' };
    const opened = openStore({ kind: kind as 'ebs' | 'glacier', root, bucket: 'vault' });
    expect((await listKeys(opened)).filter((key) => !key.startsWith('waybill-'))).toEqual([key]);
    const log = readFileSync(join(at.bucketDir, `import-log-${made.JobId}`), 'utf8');
    expect(log).toContain(`root.img,200,OK,/vault/${key},`);
  }
  await at.operator.call('setFacilityAddress', {
    body: {
      name: 'Facility',
      street1: '1 Main Street',
      city: 'Seattle',
      country: 'US',
      stateOrProvince: 'WA',
      postalCode: '98101',
      phoneNumber: '206 555 0100',
    },
  });
  const codeOf = (text: string) =>
    create(text).then(
      () => 'accepted',
      (error: { code: string }) => error.code,
    );
  const customs = `customs:
  dataDescription: seismic survey
  encryptedData: yes
  encryptionClassification: 5D992
  exportCertifierName: Ada Lovelace
  requiresExportLicense: no
  deviceValue: 250
  deviceCountryOfOrigin: Germany
  deviceType: externalStorageDevice
  typeOfExport: return
`;
  expect(await codeOf(manifest(ORDERS.ebs))).toBe('MissingCustomsException');
  expect(await codeOf(manifest(ORDERS.ebs) + customs.replace('250', 'much'))).toBe(
    'InvalidCustomsException',
  );
  expect(await codeOf(manifest(ORDERS.ebs) + customs)).toBe('accepted');
});
