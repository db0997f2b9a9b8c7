import type { CallResult } from '../../lib/api/client.ts';
import type { JobDetail, JobSummary } from '../../lib/api/schemas/job-schemas.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import { INCIDENT_KINDS } from '../../lib/domain/incidents.ts';
import { ACTION_NAMES } from '../../lib/domain/lifecycle.ts';
import { ARRIVALS } from '../../lib/domain/shipments.ts';
import {
  type ArchiveUnit,
  JOB_STATES,
  type JobType,
  OPTIONS,
  type Option,
  type OverwritePolicy,
  type ShippingService,
} from '../../lib/domain/words.ts';
import { consoleClient } from '../console/client.ts';
import type { ConsoleOptions } from '../console/sign-in.ts';
import { readPlan } from '../host/consent.ts';
import type { Context, Finished } from '../host/context.ts';
import { wordOf } from '../host/option-values.ts';
import { jobLines, jobTable, sealWords } from '../output/job-lines.ts';
import { listItems, type Output } from '../output/output.ts';
import { plain } from '../output/table.ts';

/** How fast the device travels, and the targets that hear of the job. */
interface DeliveryOptions {
  shippingService?: ShippingService;
  notify?: string[];
}

export interface CreateOptions extends ConsoleOptions, DeliveryOptions {
  name: string;
  option: Option;
  type: JobType;
  size: number;
  encryption: boolean;
  store: string;
  bucket: string;
  prefix?: string;
  archive?: ArchiveUnit;
  overwrite?: OverwritePolicy;
  address?: string;
  begin?: string;
  end?: string;
  includeReports?: boolean;
  skipStoreCheck?: boolean;
  processing?: string;
}

/** Creates a job. */
export async function createJob(options: CreateOptions, { output }: Context): Promise<Finished> {
  const { client } = consoleClient(options);
  const { name, option, type, size, encryption, store, bucket, prefix, address, begin, end } =
    options;
  const job = await client.call('createJob', {
    body: {
      name,
      option,
      type,
      sizeBytes: size,
      encrypted: encryption,
      storeId: store,
      bucket,
      ...(prefix === undefined ? {} : { prefix }),
      ...(options.archive && { archive: options.archive }),
      ...(options.overwrite && { overwritePolicy: options.overwrite }),
      ...(address === undefined ? {} : { addressId: address }),
      ...delivery(options),
      ...(begin === undefined ? {} : { rangeBegin: begin }),
      ...(end === undefined ? {} : { rangeEnd: end }),
      includeReports: options.includeReports,
      skipStoreCheck: options.skipStoreCheck,
      ...(options.processing === undefined ? {} : { processing: readPlan(options.processing) }),
    },
  });
  return printLine(job, output, `created job ${job.id} (${plain(job.name)})`);
}

/** As the API takes them, where they are given. */
function delivery({ shippingService, notify }: DeliveryOptions) {
  return {
    ...(shippingService && { shippingService }),
    ...(notify && { notification: { targetIds: notify } }),
  };
}

export interface ListOptions extends ConsoleOptions {
  state?: string;
  option?: string;
  type?: JobType;
  attention?: boolean;
  text?: string;
  limit: number;
}

const PAGE = 200;

/** Lists jobs, newest first, over as many pages as it takes. */
export async function listJobs(options: ListOptions, { output }: Context): Promise<Finished> {
  const { client } = consoleClient(options);
  const { state, option, type, text, limit } = options;
  const query = {
    ...(state === undefined ? {} : { state: wordOf(JOB_STATES, state, '--state') }),
    ...(option === undefined ? {} : { option: wordOf(OPTIONS, option, '--option') }),
    ...(type === undefined ? {} : { type }),
    ...(options.attention ? { attention: 'true' as const } : {}),
    ...(text === undefined ? {} : { text }),
  };
  const jobs: JobSummary[] = [];
  let before: number | undefined;
  do {
    const page: CallResult<'listJobs'> = await client.call('listJobs', {
      query: { ...query, before, limit: Math.min(PAGE, limit - jobs.length) },
    });
    jobs.push(...page.jobs);
    before = page.next ?? undefined;
  } while (before !== undefined && jobs.length < limit);
  const lines = jobTable(jobs);
  listItems(
    output,
    jobs.map((job) => ({ job })),
    lines,
  );
  const more = before === undefined ? '' : '; there are more: --limit';
  output.result({
    facts: { jobs: jobs.length, more: before !== undefined },
    lines: [`${jobs.length} jobs${more}`],
  });
  return 0;
}

/** Shows a job and what is possible now. */
export async function showJob(
  jobId: string,
  options: ConsoleOptions,
  { output }: Context,
): Promise<Finished> {
  const job = await consoleClient(options).client.call('getJob', { params: { jobId } });
  output.result({ facts: { job }, lines: jobLines(job) });
  return 0;
}

export interface ChangeOptions extends ConsoleOptions, DeliveryOptions {
  name?: string;
  size?: number;
  encryption?: boolean;
  store?: string;
  bucket?: string;
  prefix?: string;
  archive?: ArchiveUnit;
  overwrite?: OverwritePolicy;
  address?: string;
  begin?: string;
  end?: string;
  includeReports?: boolean;
  processing?: string;
}

/**
 * Changes what is given of a job that has not started. An empty --address, --begin, --end or --processing takes it
 * away.
 */
export async function changeJob(
  jobId: string,
  options: ChangeOptions,
  { output }: Context,
): Promise<Finished> {
  const { name, size, encryption, store, bucket, prefix, address, begin, end } = options;
  const { processing: steps } = options;
  const body = {
    ...(name === undefined ? {} : { name }),
    ...(size === undefined ? {} : { sizeBytes: size }),
    ...(encryption === undefined ? {} : { encrypted: encryption }),
    ...(store === undefined ? {} : { storeId: store }),
    ...(bucket === undefined ? {} : { bucket }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(options.archive && { archive: options.archive }),
    ...(options.overwrite && { overwritePolicy: options.overwrite }),
    ...(address === undefined ? {} : { addressId: address || null }),
    ...delivery(options),
    ...(begin === undefined ? {} : { rangeBegin: begin || null }),
    ...(end === undefined ? {} : { rangeEnd: end || null }),
    ...(options.includeReports === undefined ? {} : { includeReports: options.includeReports }),
    ...(steps === undefined ? {} : { processing: steps ? readPlan(steps) : null }),
  };
  if (Object.keys(body).length === 0) {
    throw new WaybillError('Usage', { detail: 'what is to change? give at least one option' });
  }
  const { client } = consoleClient(options);
  const job = await client.call('changeJob', { params: { jobId }, body });
  return printLine(job, output, `changed job ${job.id}`);
}

export interface ActOptions extends ConsoleOptions {
  carrier?: string;
  service?: string;
  tracking?: string;
  seal?: string[];
  withoutSeals?: boolean;
  note?: string;
}

/** Does an action of the lifecycle; those that hand a device over take the shipment along. */
export async function actOnJob(
  jobId: string,
  action: string,
  options: ActOptions,
  { output }: Context,
): Promise<Finished> {
  const { carrier, service, tracking, seal, withoutSeals, note } = options;
  const chosen = wordOf(ACTION_NAMES, action, 'the action');
  const arrives = ARRIVALS.includes(chosen);
  if (
    carrier === undefined &&
    (service ?? tracking ?? (arrives ? undefined : seal)) !== undefined
  ) {
    throw new WaybillError('Usage', { detail: 'a shipment needs its --carrier' });
  }
  const shipment = carrier !== undefined && {
    carrier,
    ...(service === undefined ? {} : { service }),
    ...(tracking === undefined ? {} : { trackingNumber: tracking }),
    ...(seal === undefined ? {} : { sealNumbers: seal }),
  };
  const body = {
    action: chosen,
    ...(shipment ? { shipment } : {}),
    ...(arrives && seal !== undefined ? { sealNumbers: seal } : {}),
    ...(withoutSeals ? { withoutSealComparison: true } : {}),
    ...(note === undefined ? {} : { note }),
  };
  const { client } = consoleClient(options);
  const job = await client.call('actOnJob', { params: { jobId }, body });
  const isTold = arrives && (seal !== undefined || job.evidence.uncomparedSeals.length > 0);
  const compared = isTold ? `; ${sealWords(job)}` : '';
  return printLine(job, output, `${action}: job ${job.id} is now ${job.state}${compared}`);
}

export interface NoteOptions extends ConsoleOptions {
  note?: string;
}

/** Reports what went wrong with a job. */
export async function reportIncident(
  jobId: string,
  kind: string,
  { note = '', ...options }: NoteOptions,
  { output }: Context,
): Promise<Finished> {
  const body = { kind: wordOf(INCIDENT_KINDS, kind, 'the kind of incident'), note };
  const { client } = consoleClient(options);
  const job = await client.call('reportIncident', { params: { jobId }, body });
  return printLine(job, output, `reported: job ${job.id} needs attention (${kind})`);
}

/** Resolves what is open. */
export async function resolveIncident(
  jobId: string,
  { note = '', ...options }: NoteOptions,
  { output }: Context,
): Promise<Finished> {
  const { client } = consoleClient(options);
  const job = await client.call('resolveIncident', { params: { jobId }, body: { note } });
  return printLine(job, output, `resolved: job ${job.id} is ${job.state}`);
}

function printLine(job: JobDetail, output: Output, line: string): Finished {
  output.result({ facts: { job }, lines: [line] });
  return 0;
}
