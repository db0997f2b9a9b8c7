/** The parts of the page of a job, as its address names them. */
export const JOB_TABS = [
  'overview',
  'progress',
  'credentials',
  'shipments',
  'report',
  'incidents',
  'custody',
] as const;
export type JobTab = (typeof JOB_TABS)[number];

/** The address of a part of a job's page; the first goes without saying. */
export const jobAddress = (jobId: string, tab: JobTab): string =>
  `/jobs/${jobId}${tab === 'overview' ? '' : `?tab=${tab}`}`;
