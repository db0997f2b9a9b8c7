import { checkAddress } from '../../domain/addresses.ts';
import { diskCode, diskSeq } from '../../domain/disk-code.ts';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import type { JobType } from '../../domain/words.ts';
import { authorize } from '../../server/actors/actor.ts';
import { textOf, usableAddress } from '../../server/addresses/addresses.ts';
import {
  changeDiskOrder,
  createDiskOrder,
  type DiskOrder,
  diskJobOf,
  diskOrderOf,
  listDiskJobs,
} from '../../server/aws/disk-orders.ts';
import { detailOf } from '../../server/job-queries/job-detail.ts';
import type { Job } from '../../server/jobs/job.ts';
import { act } from '../../server/lifecycle/transitions.ts';
import { listStores } from '../../server/stores/stores.ts';
import { bucketName } from '../buckets.ts';
import { countryCode } from '../countries.ts';
import { makeLink } from '../links.ts';
import type { Members } from '../model/service-model.ts';
import type { DiskCall, DiskOperation } from './call.ts';
import { diskStatus } from './disk-status.ts';
import { orderOf } from './manifest-order.ts';

/** The six operations of Import/Export (Disk). */

const TYPES: Record<string, JobType> = { Import: 'import', Export: 'export' };
const TYPE_NAMES = { import: 'Import', export: 'Export' } as const;

const typeOf = ({ input }: DiskCall): JobType => TYPES[String(input.JobType)] ?? 'import';
const codeOf = ({ input }: DiskCall): string => String(input.JobId);

/** The line of the file SIGNATURE that holds the signature itself. */
const signatureOf = (order: DiskOrder | undefined): string | undefined =>
  /^signature:(.+)$/m.exec(order?.signatureFile ?? '')?.[1];

const signatureMembers = (order: DiskOrder | undefined): Members => ({
  Signature: signatureOf(order),
  SignatureFileContents: order?.signatureFile ?? undefined,
});

/** Papers of a job that can be fetched once its volume is sealed. */
function artifacts({ context, actor, now }: DiskCall, job: Job): Members[] {
  const link = (kind: 'packing-slip' | 'label') =>
    makeLink(context, actor, { kind, jobId: job.id }, now).url;
  const when = job.type === 'import' ? ' (PDF, once the volume is sealed)' : ' (PDF)';
  return [
    {
      Description: `Packing slip with barcode, to go with the disk${when}`,
      URL: link('packing-slip'),
    },
    { Description: `Address label with barcode${when}`, URL: link('label') },
  ];
}

async function createJob(call: DiskCall): Promise<Members> {
  const { context, actor, input, now } = call;
  const type = typeOf(call);
  authorize(actor, 'job.create');
  const { order, warning: WarningMessage } = await orderOf(call, type, String(input.Manifest));
  const JobType = TYPE_NAMES[type];
  if (input.ValidateOnly === true) return { JobType, WarningMessage };
  const made = await createDiskOrder(context, actor, order, now);
  return {
    JobId: diskCode(made.job.seq),
    JobType,
    ...signatureMembers(made.order),
    WarningMessage,
    ArtifactList: artifacts(call, made.job),
  };
}

async function updateJob(call: DiskCall): Promise<Members> {
  const { context, actor, input, now } = call;
  const job = await openJobOf(call, codeOf(call));
  if (job.type !== typeOf(call)) {
    throw new WaybillError('InputCombination', {
      detail: `job ${codeOf(call)} is an ${job.type}`,
      fix: `give JobType ${TYPE_NAMES[job.type]}, or make a new job`,
    });
  }
  authorize(actor, 'job.change', job.id);
  const { order, warning } = await orderOf(call, job.type, String(input.Manifest));
  if (job.state !== 'created' || job.copyPhase !== 'not-started') throw started(call, job);
  if (input.ValidateOnly === true) return { Success: true, WarningMessage: warning };
  const changed = await changeDiskOrder(context, actor, { jobId: job.id, order }, now);
  const notice =
    'The signature changed with the manifest: put the new file SIGNATURE of GetStatus on the disk.';
  const WarningMessage = [changed.order.signatureFile && notice, warning]
    .filter((text) => text)
    .join(' ');
  return { Success: true, WarningMessage, ArtifactList: artifacts(call, changed.job) };
}

const started = (call: DiskCall, { state, copyPhase }: Job): WaybillError =>
  new WaybillError('DiskJobStarted', {
    code: codeOf(call),
    state: state === 'created' ? copyPhase : state,
  });

/** A job that is not cancelled. Throws DiskJobUnknown, DiskJobExpired, DiskJobCancelled. */
async function openJobOf({ context }: DiskCall, code: string): Promise<Job> {
  const job = await diskJobOf(context.db.read, code);
  if (job.state !== 'cancelled') return job;
  const isExpired = (await diskOrderOf(context.db.read, job.id))?.expiredAt != null;
  throw new WaybillError(isExpired ? 'DiskJobExpired' : 'DiskJobCancelled', { code });
}

async function cancelJob(call: DiskCall): Promise<Members> {
  const { context, actor, now } = call;
  const job = await openJobOf(call, codeOf(call));
  try {
    await act(context.db, actor, { jobId: job.id, action: 'cancel' }, now);
  } catch (error) {
    if (!isWaybillError(error, 'InvalidJobState')) throw error;
    throw new WaybillError('DiskJobPastCancel', { code: codeOf(call), state: job.state });
  }
  return { Success: true };
}

async function getStatus(call: DiskCall): Promise<Members> {
  const { context, actor, now } = call;
  const { read } = context.db;
  const job = await diskJobOf(read, codeOf(call));
  authorize(actor, 'job.read', job.id);
  const detail = await detailOf(read, actor, job, now);
  const order = await diskOrderOf(read, job.id);
  const back = detail.shipments.filter(({ leg }) => leg === 'to-site').at(-1);
  const status = diskStatus(detail, order?.expiredAt != null);
  const isBack = status.LocationCode === 'Returned' && back !== undefined;
  const log = order && { storeId: order.logStoreId, bucket: order.logBucket };
  return {
    JobId: diskCode(job.seq),
    JobType: TYPE_NAMES[job.type],
    ...status,
    Carrier: isBack ? back.carrier || undefined : undefined,
    TrackingNumber: isBack ? back.trackingNumber || undefined : undefined,
    LogBucket: log && job.reported ? bucketName(await listStores(read), log) : undefined,
    LogKey: job.reported ? order?.logKey : undefined,
    ErrorCount: job.report?.failed,
    ...signatureMembers(order),
    CurrentManifest: order?.manifest,
    CreationDate: new Date(job.createdAt),
    ArtifactList: artifacts(call, job),
  };
}

const MAX_JOBS = 1000;

async function listJobs(call: DiskCall): Promise<Members> {
  const { context, input } = call;
  const { MaxJobs: most = MAX_JOBS, Marker: marker } = input;
  if (typeof most !== 'number' || most < 1) {
    throw new WaybillError('InputMalformed', { detail: 'MaxJobs is not a number from 1' });
  }
  const before = typeof marker === 'string' && marker !== '' ? diskSeq(marker) : undefined;
  if (marker && before === undefined) {
    throw new WaybillError('InputMalformed', { detail: 'Marker is not the id of a job' });
  }
  const limit = Math.min(most, MAX_JOBS);
  const found = await listDiskJobs(context.db.read, { before, limit: limit + 1 });
  const Jobs = found.slice(0, limit).map((job) => ({
    JobId: diskCode(job.seq),
    CreationDate: new Date(job.createdAt),
    IsCanceled: job.state === 'cancelled',
    JobType: TYPE_NAMES[job.type],
  }));
  return { Jobs, IsTruncated: found.length > limit };
}

const SENDER = [
  'name',
  'company',
  'street1',
  'street2',
  'street3',
  'city',
  'stateOrProvince',
] as const;

/** The label of the first job; a parcel of several disks needs the packing slip of each. */
async function getShippingLabel(call: DiskCall): Promise<Members> {
  const { context, actor, input, now } = call;
  const codes = (input.jobIds as string[]) ?? [];
  const jobs = await Promise.all(codes.map((code) => openJobOf(call, code)));
  const [first] = jobs;
  if (!first) throw new WaybillError('InputMalformed', { detail: 'jobIds names no job' });
  authorize(actor, 'job.labels', first.id);
  const { url } = makeLink(context, actor, { kind: 'label', jobId: first.id }, now);
  const warnings = [
    ...(jobs.length > 1
      ? ['The label is of the first job; each disk needs its own packing slip.']
      : []),
    ...(await senderWarning(call, first)),
    ...(first.type === 'import' && !first.sealed
      ? ['The link works once the volume is sealed: waybill copy seals it.']
      : []),
  ];
  return { ShippingLabelURL: url, Warning: warnings.join(' ') || undefined };
}

/** An address that is given must be one; the label carries the return address of the manifest. Throws AddressInvalid. */
async function senderWarning({ context, input }: DiskCall, job: Job): Promise<string[]> {
  const text = (name: string) => String(input[name] ?? '').trim();
  if (SENDER.every((name) => text(name) === '')) return [];
  const kept =
    job.addressId === null
      ? undefined
      : textOf(await usableAddress(context.db.read, job.addressId));
  const given = {
    name: text('name'),
    company: text('company'),
    street1: text('street1'),
    street2: text('street2'),
    street3: text('street3'),
    city: text('city'),
    stateOrProvince: text('stateOrProvince'),
    postalCode: text('postalCode'),
    phoneNumber: text('phoneNumber'),
    country: countryCode(text('country')),
    prefectureOrDistrict: '',
    landmark: '',
    isRestricted: false,
    type: 'delivery' as const,
  };
  checkAddress(given);
  const isSame = kept && SENDER.every((name) => kept[name] === given[name]);
  return isSame
    ? []
    : ['The label carries the return address of the manifest; UpdateJob changes it.'];
}

export const DISK_OPERATIONS: ReadonlyMap<string, DiskOperation> = new Map(
  Object.entries({
    CreateJob: { once: true, run: createJob },
    UpdateJob: { once: true, run: updateJob },
    CancelJob: { once: true, run: cancelJob },
    GetStatus: { once: false, run: getStatus },
    ListJobs: { once: false, run: listJobs },
    GetShippingLabel: { once: false, run: getShippingLabel },
  }),
);
