import { WaybillError } from '../../domain/errors.ts';
import type { NewJob } from '../../domain/new-job.ts';
import type { JobType } from '../../domain/words.ts';
import type { KeptRequest } from '../../server/db/schema/aws.ts';
import type { JobChange } from '../../server/jobs/change-job.ts';
import { existingBucket, nameOfArn } from '../buckets.ts';
import type { Members } from '../model/service-model.ts';
import type { SnowballCall } from './call.ts';
import { deviceOf } from './device-types.ts';
import { combination } from './invalid-combination.ts';
import { stepsOf } from './lambda-steps.ts';
import { type JobMembers, KEPT_MEMBERS, type KeyRangeMembers, type Resources } from './members.ts';
import { notificationOf } from './notification.ts';
import { shippingServiceOf } from './shipping-option.ts';

/** From the members of a request to a job. */

const TYPES: Record<string, JobType> = { IMPORT: 'import', EXPORT: 'export' };

/** Throws InputCombination for LOCAL_USE and for none. */
export function jobTypeOf(text: string | undefined): JobType {
  const type = TYPES[text ?? ''];
  if (type) return type;
  throw combination(
    text === undefined
      ? 'JobType is missing'
      : `a job of type ${text} is not offered: every device here imports or exports`,
    'give IMPORT or EXPORT',
  );
}

/** The one bucket of a request, and what is done with its objects on the way. Throws InputCombination, BucketNotFound. */
async function placeOf(
  { context, actor }: SnowballCall,
  type: JobType,
  resources: Resources | undefined,
) {
  const { S3Resources: buckets = [], Ec2AmiResources: images = [] } = resources ?? {};
  if (images.length > 0) {
    throw combination('devices here carry no machine images', 'leave Ec2AmiResources out');
  }
  const [resource, ...more] = buckets;
  if (resource?.BucketArn === undefined || more.length > 0) {
    throw combination(
      `a job carries objects of one bucket, not of ${buckets.length}`,
      'make a job for each bucket, with one BucketArn in S3Resources',
    );
  }
  const name = nameOfArn(resource.BucketArn);
  const bucket = await existingBucket(context, actor, { name, type });
  const processing = await stepsOf(context.db.read, resources ?? {});
  return { ...bucket, ...rangeOf(resource.KeyRange), processing };
}

/**
 * Both markers are inclusive, and the end takes keys in that begin with it. The job's own range ends at a key:
 * the highest character behind the marker is that key.
 */
function rangeOf(range: KeyRangeMembers | undefined): Pick<NewJob, 'rangeBegin' | 'rangeEnd'> {
  const { BeginMarker: begin, EndMarker: end } = range ?? {};
  if (
    begin !== undefined &&
    end !== undefined &&
    Buffer.from(begin).compare(Buffer.from(end)) > 0
  ) {
    throw combination('BeginMarker comes after EndMarker', 'exchange the two');
  }
  return { rangeBegin: begin ?? null, rangeEnd: end === undefined ? null : `${end}\u{10ffff}` };
}

/** A job's name is one line. */
export function nameOf(description: string | undefined, fallback: string): string {
  const line = (description ?? '').replace(/\p{Cc}+/gu, ' ').trim();
  return line === '' ? fallback : line.slice(0, 100);
}

/** The job that a request asks for. Throws InputCombination, BucketNotFound. */
export async function newJobOf(call: SnowballCall, request: JobMembers): Promise<NewJob> {
  if (request.LongTermPricingId !== undefined) {
    throw new WaybillError('NotFound', {
      what: 'long term pricing',
      id: request.LongTermPricingId,
    });
  }
  await requireKey(call, request.KmsKeyARN);
  const type = jobTypeOf(request.JobType);
  const day = call.now.toISOString().slice(0, 10);
  return {
    type,
    ...deviceOf(request),
    encrypted: true,
    ...(await placeOf(call, type, request.Resources)),
    name: nameOf(request.Description, `Snowball ${type} of ${day}`),
    addressId: request.AddressId ?? null,
    shippingService:
      request.ShippingOption === undefined ? null : shippingServiceOf(request.ShippingOption),
    notification: await notificationOf(call.context.db.read, request.Notification ?? {}),
  };
}

/** That the key of AWS KMS which the job's keys will be wrapped under can be used. Throws KeyUnavailable. */
async function requireKey({ context: { kms } }: SnowballCall, keyId: string | undefined) {
  if (keyId === undefined || kms.provider !== 'aws') return;
  await kms.generateDataKey({ use: 'check' }, keyId);
}

/** What an update changes of the job itself. Throws InputCombination, BucketNotFound. */
export async function jobChangeOf(
  call: SnowballCall,
  update: JobMembers,
  { kept, type }: { kept: JobMembers | undefined; type: JobType },
): Promise<JobChange> {
  const { Description, SnowballCapacityPreference, AddressId, Notification, ShippingOption } =
    update;
  return {
    ...(AddressId === undefined ? {} : { addressId: AddressId }),
    ...(ShippingOption === undefined ? {} : { shippingService: shippingServiceOf(ShippingOption) }),
    ...(Description === undefined ? {} : { name: nameOf(Description, 'Snowball job') }),
    ...(SnowballCapacityPreference === undefined
      ? {}
      : { sizeBytes: deviceOf({ ...kept, SnowballCapacityPreference }).sizeBytes }),
    ...(Notification === undefined
      ? {}
      : { notification: await notificationOf(call.context.db.read, Notification) }),
    ...(update.Resources === undefined ? {} : await placeOf(call, type, update.Resources)),
  };
}

/** The members of a request that are kept. */
export function keptOf(input: Members): KeptRequest {
  const present = KEPT_MEMBERS.filter((name) => input[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, input[name]]));
}
