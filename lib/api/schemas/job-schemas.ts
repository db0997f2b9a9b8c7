import { z } from 'zod';
import { INCIDENT_KINDS } from '../../domain/incidents.ts';
import { FILTER_LIMITS, parseJobFilter } from '../../domain/job-filter.ts';
import { JOB_SORTS } from '../../domain/job-sort.ts';
import { ACTION_NAMES } from '../../domain/lifecycle.ts';
import { PARTS_MAX } from '../../domain/range-sum.ts';
import {
  ARCHIVE_UNITS,
  COPY_PHASES,
  JOB_STATES,
  JOB_TYPES,
  LEGS,
  OPTIONS,
  OUTCOMES,
  OVERWRITE_POLICIES,
  SHIPPING_SERVICES,
  STATION_WORK,
  VOLUME_KINDS,
} from '../../domain/words.ts';
import { addressRow, addressText } from './address-schemas.ts';
import { deviceRow } from './device-schemas.ts';
import { decisions, erasure, evidence } from './evidence-schemas.ts';
import {
  bucketName,
  bytes,
  chosenId,
  count,
  failure,
  line,
  note,
  optionalLine,
  prefix,
  time,
} from './fields.ts';
import { jobNotification } from './notification-schemas.ts';
import { processingPlan, processingRequest, processingResults } from './processing-schemas.ts';
import { storeRow } from './store-schemas.ts';
import { operationRow, progress, reportSummary } from './work-schemas.ts';

/** Jobs, and what is done to them. Sizes bytes, times ISO 8601 in UTC. */

const addressId = z.string().max(64);

const partRange = z.object({
  begin: z.string().max(1024).nullable(),
  end: z.string().max(1024).nullable(),
  objects: count,
  bytes,
});

export const rangeSum = z.object({
  objects: count,
  bytes,
  listedAt: time,
  parts: z.array(partRange).min(1).max(PARTS_MAX),
});

export const splitRequest = z.object({
  /** What a part may hold at most; default: the job's size. */
  partBytes: bytes.positive().optional(),
});

export const jobRequest = z.object({
  name: line(100),
  option: z.enum(OPTIONS),
  type: z.enum(JOB_TYPES),
  sizeBytes: bytes.positive(),
  encrypted: z.boolean().default(true),
  storeId: chosenId,
  bucket: bucketName,
  prefix: prefix.default(''),
  /** What an import does with an object that is at the destination already. */
  overwritePolicy: z.enum(OVERWRITE_POLICIES).default('never'),
  /** What becomes one archive; `device` is for imports into glacier. */
  archive: z.enum(ARCHIVE_UNITS).default('object'),
  rangeBegin: z.string().max(1024).optional(),
  rangeEnd: z.string().max(1024).optional(),
  /** An export takes the completion reports that lie beside the data, too. */
  includeReports: z.boolean().default(false),
  /** Where the device is shipped to, and comes back from. */
  addressId: addressId.optional(),
  /** How fast the device is to travel; left out: as whoever ships it chooses. */
  shippingService: z.enum(SHIPPING_SERVICES).optional(),
  /** Steps that the agent runs on the data at the site; for snowball-edge. */
  processing: processingRequest.nullable().default(null),
  /** Who hears what of it; left out: as the targets say themselves. */
  notification: jobNotification.optional(),
  /** The store is not tried now, since the console does not reach it; the station does before it prepares a device. */
  skipStoreCheck: z.boolean().default(false),
});

export const jobChange = z
  .object({
    name: line(100),
    sizeBytes: bytes.positive(),
    encrypted: z.boolean(),
    storeId: chosenId,
    bucket: bucketName,
    prefix,
    overwritePolicy: z.enum(OVERWRITE_POLICIES),
    archive: z.enum(ARCHIVE_UNITS),
    rangeBegin: z.string().max(1024).nullable(),
    rangeEnd: z.string().max(1024).nullable(),
    includeReports: z.boolean(),
    addressId: addressId.nullable(),
    shippingService: z.enum(SHIPPING_SERVICES).nullable(),
    processing: processingRequest.nullable(),
    notification: jobNotification.nullable(),
  })
  .partial();

export const jobSummary = z.object({
  seq: count,
  id: z.string(),
  name: z.string(),
  option: z.enum(OPTIONS),
  type: z.enum(JOB_TYPES),
  state: z.enum(JOB_STATES),
  stateSince: time,
  copyPhase: z.enum(COPY_PHASES),
  outcome: z.enum(OUTCOMES).nullable(),
  attention: z.boolean(),
  /** The oldest incident that is open. */
  incident: z.enum(INCIDENT_KINDS).nullable(),
  devicePrepared: z.boolean(),
  sealed: z.boolean(),
  reported: z.boolean(),
  erased: z.boolean(),
  sizeBytes: bytes,
  encrypted: z.boolean(),
  storeId: z.string(),
  bucket: z.string(),
  prefix: z.string(),
  deviceId: z.string().nullable(),
  createdBy: z.string(),
  createdByName: z.string(),
  createdAt: time,
  progress: progress.nullable(),
});

/** Which jobs, in which order. `filter` is the filter language: `state = at-site and name : "archive"`. */
export const jobQuery = z.object({
  filter: z.string().max(FILTER_LIMITS.text).transform(parseJobFilter).optional(),
  sort: z.enum(JOB_SORTS).default('created'),
  order: z.enum(['ascending', 'descending']).default('descending'),
  state: z.enum(JOB_STATES).optional(),
  option: z.enum(OPTIONS).optional(),
  type: z.enum(JOB_TYPES).optional(),
  attention: z.enum(['true', 'false']).optional(),
  text: z.string().min(1).max(100).optional(),
});

const sealNumbers = z.array(line(60)).max(20);

export const shipmentRequest = z.object({
  carrier: line(100),
  service: optionalLine(100).optional(),
  trackingNumber: optionalLine(100).optional(),
  sealNumbers: sealNumbers.optional(),
});

const shipmentRow = z.object({
  id: count,
  leg: z.enum(LEGS),
  carrier: z.string(),
  service: z.string(),
  trackingNumber: z.string(),
  sealNumbers: z.array(z.string()),
  /** Where it was sent, as the address was then. */
  destination: addressText.nullable(),
  handedOverBy: z.string(),
  handedOverByName: z.string(),
  shippedAt: time,
  arrivedAt: time.nullable(),
  /** Tamper seals that were entered on arrival; null: they were not compared. */
  arrivalSeals: z.array(z.string()).nullable(),
  /** Where it was seen on its way, oldest first. */
  scans: z.array(z.object({ at: time, by: z.string(), place: z.string(), note: z.string() })),
});

export const incidentRow = z.object({
  id: count,
  kind: z.enum(INCIDENT_KINDS),
  note: z.string(),
  reportedBy: z.string(),
  reportedByName: z.string(),
  openedAt: time,
  resolvedAt: time.nullable(),
  /** By whom; null while it is open, and where the end of the job closed it. `by` is a name. */
  resolution: z.object({ by: z.string(), note: z.string() }).nullable(),
  /** Who has to do something, and what. */
  owner: z.enum(['operator', 'facility', 'store']),
  next: z.string(),
});

export const offerRow = z.object({
  action: z.enum(ACTION_NAMES),
  label: z.string(),
  command: z.string(),
  to: z.enum(JOB_STATES),
  allowed: z.boolean(),
  reason: z.string().optional(),
  /** Not for this role; else something is missing that can be mended. */
  forbidden: z.boolean().optional(),
  fix: z.string().optional(),
});

export const sealRow = z.object({
  objects: count,
  bytes,
  skipped: count,
  failed: count,
  sealDigest: z.string(),
  sealedAt: time,
});

export const jobDetail = jobSummary.extend({
  overwritePolicy: z.enum(OVERWRITE_POLICIES),
  archive: z.enum(ARCHIVE_UNITS),
  rangeBegin: z.string().nullable(),
  rangeEnd: z.string().nullable(),
  includeReports: z.boolean(),
  /** What an export's range held when it was listed; null: it has not been, or the job is an import. */
  rangeSum: rangeSum.nullable(),
  processing: processingPlan.nullable(),
  processingResults: processingResults.nullable(),
  /** The long operations of agent and station in their order. */
  operations: z.array(operationRow),
  volumeId: z.string(),
  volumeKind: z.enum(VOLUME_KINDS),
  /** How it came to each state, oldest first; `by` is a name. */
  steps: z.array(
    z.object({
      state: z.enum(JOB_STATES),
      action: z.enum(ACTION_NAMES).nullable(),
      at: time,
      by: z.string(),
      note: z.string(),
    }),
  ),
  /** Who had the manifest and saw the unlock code, oldest first. */
  reveals: z.array(
    z.object({
      what: z.enum(['manifest', 'unlock-code']),
      at: time,
      by: z.string(),
      channel: z.string(),
    }),
  ),
  device: deviceRow.nullable(),
  address: addressRow.nullable(),
  shippingService: z.enum(SHIPPING_SERVICES).nullable(),
  notification: jobNotification.nullable(),
  /** The cluster, or the export of several devices, that the job belongs to, and how many jobs do. */
  group: z.object({ kind: z.enum(['cluster', 'export']), id: z.string(), jobs: count }).nullable(),
  store: storeRow.pick({ id: true, name: true, kind: true }),
  shipments: z.array(shipmentRow),
  incidents: z.array(incidentRow),
  /** What the caller may do now, and what is in the way. */
  offers: z.array(offerRow),
  /** What erasing, returning and completing rest on; the rule reads it. */
  evidence,
  /** Since when the failed objects are to be tried again. */
  retryRequested: time.nullable(),
  /** How many reports were handed in; each took the place of the one before. */
  reportAttempts: count,
  decisions,
  erasure: erasure.nullable(),
  /** When its key was destroyed. */
  keyDestroyedAt: time.nullable(),
  /** Manifest and unlock code can be had now. */
  credentialsAvailable: z.boolean(),
  /** The job is managed from where the caller is; else by command line. */
  manageable: z.boolean(),
  seal: sealRow.nullable(),
  report: reportSummary.nullable(),
  lease: z.object({ work: z.enum(STATION_WORK), holder: z.string(), until: time }).nullable(),
});

export const actionRequest = z.object({
  action: z.enum(ACTION_NAMES),
  shipment: shipmentRequest.optional(),
  /** Of an arrival: the tamper seals on the device, which are compared with those that it left with. */
  sealNumbers: sealNumbers.optional(),
  /** Begin an import although the tamper seals noted at departure were not compared; the custody log says so. */
  withoutSealComparison: z.boolean().optional(),
  note: note.optional(),
});

export const bulkRequest = actionRequest.omit({ sealNumbers: true }).extend({
  /** Of arrivals: the tamper seals on the device of each job, by its id. */
  sealNumbersOf: z.record(z.string().min(1).max(64), sealNumbers).optional(),
  jobIds: z.array(z.string().min(1).max(64)).min(1).max(200),
});

/** What became of one job of many. */
export const bulkResult = z.object({
  jobId: z.string(),
  state: z.enum(JOB_STATES).nullable(),
  error: failure.shape.error.nullable(),
  /** Whether the tamper seals differ; missing where none were entered. */
  sealsDiffer: z.boolean().optional(),
});

export const sealsRequest = z.object({ sealNumbers });

export const incidentRequest = z.object({ kind: z.enum(INCIDENT_KINDS), note: note.default('') });

export const resolveRequest = z.object({
  note: note.default(''),
  /** Only these; all that are open when missing. */
  kinds: z.array(z.enum(INCIDENT_KINDS)).optional(),
});

export const scanRequest = z.object({ place: line(200), note: note.default('') });

export const paperQuery = z.object({ leg: z.enum(LEGS).default('to-facility') });

export const returnLabel = z.object({
  jobId: z.string(),
  deviceId: z.string(),
  volumeId: z.string(),
  from: z.string(),
  to: z.string(),
  sealDigest: z.string().nullable(),
  /** What a scanner reads from the label. */
  code: z.string(),
});

export type JobRequest = z.input<typeof jobRequest>;

export type JobSummary = z.output<typeof jobSummary>;

export type JobDetail = z.output<typeof jobDetail>;
