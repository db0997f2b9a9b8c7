import {
  CreateJobCommand,
  type CreateJobCommandInput,
  type SnowballClient,
} from '@aws-sdk/client-snowball';
import { TB } from '../domain/sizes.ts';
import { SYSTEM } from '../server/actors/actor.ts';
import { assignDevice, markPrepared } from '../server/devices/assign-device.ts';
import { addDevice } from '../server/devices/device-register.ts';
import { act } from '../server/lifecycle/transitions.ts';
import type { AwsWorld } from './aws-world.ts';

/** The SDK of AWS drives the API over HTTP. */

export const BUCKET = { BucketArn: 'arn:aws:s3:::default' };

export const importOf = (changes: Partial<CreateJobCommandInput> = {}): CreateJobCommandInput => ({
  JobType: 'IMPORT',
  SnowballType: 'STANDARD',
  SnowballCapacityPreference: 'T80',
  Resources: { S3Resources: [BUCKET] },
  Description: 'Archive of 2025',
  ShippingOption: 'SECOND_DAY',
  KmsKeyARN: 'arn:aws:kms:eu-west-1:123456789012:key/abc',
  RoleARN: 'arn:aws:iam::123456789012:role/r',
  ...changes,
});

export const fails = (promise: Promise<unknown>) =>
  promise.then(
    () => ({ name: 'accepted' }),
    (error: { name: string; message: string; $metadata: { httpStatusCode?: number } }) => error,
  );

export const make = async (client: SnowballClient, changes: Partial<CreateJobCommandInput> = {}) =>
  (await client.send(new CreateJobCommand(importOf(changes)))).JobId ?? '';

/** Brings an appliance to the site, as facility and carrier do. */
export async function toSite({ console }: AwsWorld, jobId: string, deviceId = 'SB-1') {
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
