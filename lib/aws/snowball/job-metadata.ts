import type { JobDetail } from '../../api/schemas/job-schemas.ts';
import { AWS_JOB_STATE } from '../../domain/aws-states.ts';
import { FINAL_STATES } from '../../domain/lifecycle.ts';
import type { Leg } from '../../domain/words.ts';
import type { AwsExport, AwsJob } from '../../server/aws/aws-jobs.ts';
import { detailOf } from '../../server/job-queries/job-detail.ts';
import type { Job } from '../../server/jobs/job.ts';
import { arnOfBucket } from '../buckets.ts';
import { makeLink } from '../links.ts';
import type { Members } from '../model/service-model.ts';
import type { SnowballCall } from './call.ts';
import { typeOf } from './device-types.ts';
import type { JobMembers, Resources } from './members.ts';
import { notificationMembers } from './notification.ts';
import { shippingOptionOf } from './shipping-option.ts';

/** From a job to what DescribeJob and ListJobs tell of it. */

const TYPES = { import: 'IMPORT', export: 'EXPORT' } as const;

/** A line of ListJobs and ListClusterJobs. */
export function listEntry({ job, kept }: AwsJob): Members {
  const request: JobMembers = kept?.request ?? {};
  return {
    JobId: job.id,
    JobState: AWS_JOB_STATE[job.state],
    IsMaster: false,
    JobType: TYPES[job.type],
    SnowballType: typeOf(job, kept && request).SnowballType,
    CreationDate: new Date(job.createdAt),
    Description: request.Description ?? job.name,
  };
}

/** A line of ListJobs for an export that has parts. */
export function exportEntry(main: AwsExport, parts: readonly AwsJob[]): Members {
  const request: JobMembers = main.request;
  return {
    JobId: main.id,
    JobState: exportState(main, parts),
    IsMaster: true,
    JobType: 'EXPORT',
    SnowballType: typeOf(main.template, request).SnowballType,
    CreationDate: new Date(main.createdAt),
    Description: request.Description ?? main.template.name,
  };
}

/** An export is where the first of its parts is that has not ended. */
export function exportState(main: AwsExport, parts: readonly AwsJob[]): string {
  if (main.state === 'listing') return 'Listing';
  const states = parts.map(({ job }) => job.state);
  const current = states.find((state) => !FINAL_STATES.includes(state));
  if (current !== undefined) return AWS_JOB_STATE[current];
  return states.includes('completed') ? 'Complete' : 'Cancelled';
}

/** JobMetadata of a job. */
export async function jobMetadata(call: SnowballCall, { job, kept }: AwsJob): Promise<Members> {
  const { context, actor, now } = call;
  const detail = await detailOf(context.db.read, actor, job, now);
  const request: JobMembers = kept?.request ?? {};
  return {
    ...request,
    JobId: job.id,
    JobState: AWS_JOB_STATE[job.state],
    JobType: TYPES[job.type],
    ...typeOf(job, kept && request),
    CreationDate: new Date(job.createdAt),
    Resources: await resourcesOf(call, job, request.Resources),
    Description: request.Description ?? job.name,
    AddressId: job.addressId ?? undefined,
    ShippingDetails: shippingOf(detail),
    DataTransferProgress: progressOf(detail),
    JobLogInfo: logsOf(call, job),
    Notification: notificationMembers(request.Notification, job.notification),
    ClusterId: kept?.clusterId ?? undefined,
    SnowballId: job.deviceId ?? undefined,
  };
}

/** JobMetadata of an export whose parts have metadata of their own. */
export function exportMetadata(main: AwsExport, parts: readonly AwsJob[]): Members {
  const request: JobMembers = main.request;
  return {
    ...request,
    ...exportEntryWithoutMaster(main, parts),
    ...typeOf(main.template, request),
  };
}

function exportEntryWithoutMaster(main: AwsExport, parts: readonly AwsJob[]): Members {
  const { IsMaster: _, ...entry } = exportEntry(main, parts);
  return entry;
}

/** What was asked for, with the bucket and range that the job has now. */
async function resourcesOf(
  { context }: SnowballCall,
  job: Job,
  asked: Resources | undefined,
): Promise<Members> {
  const { storeId, bucket, rangeBegin, rangeEnd } = job;
  const BeginMarker = rangeBegin ?? undefined;
  const EndMarker = rangeEnd?.replace(/\u{10ffff}$/u, '');
  const hasRange = BeginMarker !== undefined || EndMarker !== undefined;
  const resource = {
    ...asked?.S3Resources?.[0],
    BucketArn: await arnOfBucket(context.db.read, { storeId, bucket }),
    KeyRange: hasRange ? { BeginMarker, EndMarker } : undefined,
  };
  // Functions are told while the job has steps: they may have been taken away in the console.
  const LambdaResources = job.processing ? asked?.LambdaResources : undefined;
  return { ...asked, S3Resources: [resource], LambdaResources };
}

function shippingOf({ shipments, shippingService }: JobDetail): Members {
  const last = (leg: Leg) => {
    const shipment = shipments.filter((row) => row.leg === leg).at(-1);
    return (
      shipment && {
        Status: shipment.arrivedAt === null ? 'In transit' : 'Delivered',
        TrackingNumber: shipment.trackingNumber || undefined,
      }
    );
  };
  return {
    ShippingOption: shippingService === null ? undefined : shippingOptionOf(shippingService),
    InboundShipment: last('to-facility'),
    OutboundShipment: last('to-site'),
  };
}

/** What the facility has moved: as the report says, else as the station tells it. */
function progressOf({ state, report, seal, progress }: JobDetail): Members | undefined {
  if (report) {
    const { bytes, objects, failed, partial } = report;
    // An import that stopped has not come to all that its seal names.
    const all = partial && seal ? seal : { bytes, objects: objects + failed };
    return {
      BytesTransferred: bytes,
      ObjectsTransferred: objects,
      TotalBytes: all.bytes,
      TotalObjects: all.objects,
    };
  }
  if (!progress || (state !== 'importing' && state !== 'exporting')) return undefined;
  const { bytes, objects, totalBytes, totalObjects } = progress;
  return {
    BytesTransferred: bytes,
    ObjectsTransferred: objects,
    TotalBytes: totalBytes,
    TotalObjects: totalObjects,
  };
}

function logsOf({ context, actor, now }: SnowballCall, job: Job): Members | undefined {
  if (!job.report) return undefined;
  const link = (kind: 'report' | 'success' | 'failure') =>
    makeLink(context, actor, { kind, jobId: job.id }, now).url;
  return {
    JobCompletionReportURI: link('report'),
    JobSuccessLogURI: link('success'),
    JobFailureLogURI: link('failure'),
  };
}
