import type { JobDetail } from '../../../../../lib/api/schemas/job-schemas.ts';

/** The file that a manifest is downloaded to. */
export const manifestName = ({ id }: Pick<JobDetail, 'id'>): string => `${id}.manifest`;

/** What is typed at the site: it fills the device of an import, and empties that of an export. */
export function siteCommand(job: Pick<JobDetail, 'id' | 'type'>): string {
  const work = job.type === 'import' ? 'copy SOURCE' : 'restore DESTINATION';
  return `waybill ${work} --device DEVICE --manifest ${manifestName(job)}`;
}
