import type { JobDetail } from '../../api/schemas/job-schemas.ts';
import { awsDiskStatus } from '../../domain/aws-states.ts';

/** The two axes of a disk job: where the disk is, and how its data is. */

const LOCATION: Record<string, string> = {
  NotReceived: 'The facility has not received your device.',
  AtAWS: 'Your device is at the facility.',
  Returned: 'Your device has been returned.',
};

const PROGRESS: Record<string, string> = {
  Pending: 'The specified job has not started.',
  InProgress: 'The specified job is in progress.',
  Complete: 'The specified job is complete.',
  SuccessWithErrors: 'The specified job is complete; the log names what could not be moved.',
  Canceled: 'The specified job was canceled.',
  Expired: 'The specified job has expired: no device came within 30 days.',
  DeviceError: 'The device could not be read or written.',
  MissingDevice: 'The device has not arrived, or is lost.',
  InvalidSignature: 'The file SIGNATURE on the device is not that of the job.',
  MissingSignature: 'The device carries no file SIGNATURE.',
  UnsupportedFileFormat: 'The device carries no volume of Waybill that can be read.',
};

/** What an open incident stops a job with: by the code its note begins with, else by its kind. */
const STOPPED_BY_CODE: Record<string, string> = {
  DiskSignatureMissing: 'MissingSignature',
  DiskSignatureWrong: 'InvalidSignature',
  DeviceNotPrepared: 'UnsupportedFileFormat',
  VolumeInvalid: 'UnsupportedFileFormat',
  VolumeVersion: 'UnsupportedFileFormat',
  VolumeNotSealed: 'UnsupportedFileFormat',
};
const STOPPED_BY_KIND: Record<string, string> = {
  'never-received': 'MissingDevice',
  lost: 'MissingDevice',
};

/** LocationCode and ProgressCode with their messages. */
export function diskStatus(job: JobDetail, isExpired: boolean) {
  const { location, progress } = awsDiskStatus(job.state);
  const code = isExpired ? 'Expired' : (stoppedBy(job) ?? finished(job, progress));
  return {
    LocationCode: location,
    LocationMessage: LOCATION[location],
    ProgressCode: code,
    ProgressMessage: PROGRESS[code],
  };
}

function stoppedBy({ incidents }: JobDetail): string | undefined {
  const incident = incidents.find(({ resolvedAt }) => resolvedAt === null);
  if (!incident) return undefined;
  const [code = ''] = incident.note.split(':');
  return STOPPED_BY_CODE[code] ?? STOPPED_BY_KIND[incident.kind] ?? 'DeviceError';
}

const finished = ({ outcome }: JobDetail, progress: string): string =>
  progress === 'Complete' && outcome === 'with-errors' ? 'SuccessWithErrors' : progress;
