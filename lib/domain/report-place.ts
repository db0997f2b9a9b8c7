/** Where completion reports lie in a store, beside the data. */

export const REPORT_PREFIX = 'waybill-reports/';

/** What of the place a store's settings say; the rest is as usual: the job's bucket, `waybill-reports/`. */
export interface ReportSettings {
  bucket?: string | undefined;
  /** Ends in `/`, or is empty. */
  prefix?: string | undefined;
}

/** The bucket and the prefix under which a job's reports lie, each in a folder of its job. */
export function reportPlace(
  settings: ReportSettings | undefined,
  jobBucket: string,
): { bucket: string; prefix: string } {
  return {
    bucket: settings?.bucket ?? jobBucket,
    prefix: settings?.prefix ?? REPORT_PREFIX,
  };
}

/**
 * The prefix whose keys an export leaves out: reports of Waybill are no data. Undefined when they are asked for,
 * lie in another bucket, or the job exports them in particular.
 */
export function leftOutOf(
  job: { bucket: string; prefix: string; includeReports: boolean },
  settings: ReportSettings | undefined,
): string | undefined {
  const place = reportPlace(settings, job.bucket);
  if (job.includeReports || place.bucket !== job.bucket || place.prefix === '') return undefined;
  return job.prefix.startsWith(place.prefix) ? undefined : place.prefix;
}
