import { z } from 'zod';
import type { ErrorCode } from '../domain/errors.ts';
import { INCIDENT_KINDS } from '../domain/incidents.ts';
import { ACTION_NAMES } from '../domain/lifecycle.ts';
import { REPORT_FILES } from '../domain/report.ts';
import {
  CHANNELS,
  COPY_PHASES,
  DEVICE_OWNERS,
  DEVICE_STATES,
  JOB_STATES,
  JOB_TYPES,
  LEGS,
  OPTIONS,
  OUTCOMES,
  PEOPLE_ROLES,
  ROLES,
  STATION_WORK,
  STORE_KINDS,
  VOLUME_KINDS,
} from '../domain/words.ts';

/** What travels over /api/v1. Sizes bytes, times ISO 8601 in UTC. */

const LINE = /^[^\p{Cc}]*$/u;
/** One line of text. */
const line = (max: number) => z.string().trim().min(1).max(max).regex(LINE, 'one line of text');
const optionalLine = (max: number) => z.string().trim().max(max).regex(LINE, 'one line of text');
const note = z.string().trim().max(2000);
const bytes = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const count = bytes;
const time = z.iso.datetime();
const email = z.email().max(200).toLowerCase();
const password = z.string().min(12, 'at least 12 characters').max(128);

/** Ids that people choose; also the names of device directories in a dock. */
export const chosenId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, '1 to 64 letters, digits, dots, hyphens');
const bucketName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{2,62}$/, '3 to 63 lower-case letters, digits, dots and hyphens');
/** A prefix of keys stays inside its bucket. */
const prefix = z
  .string()
  .max(900)
  .regex(LINE, 'one line of text')
  .refine((text) => !text.startsWith('/') && !/(^|\/)\.{1,2}(\/|$)|\/\//.test(text), {
    message: 'no leading slash, no empty, "." or ".." part',
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
  rangeBegin: z.string().max(1024).optional(),
  rangeEnd: z.string().max(1024).optional(),
});

export const jobChange = z
  .object({
    name: line(100),
    sizeBytes: bytes.positive(),
    encrypted: z.boolean(),
    storeId: chosenId,
    bucket: bucketName,
    prefix,
    rangeBegin: z.string().max(1024).nullable(),
    rangeEnd: z.string().max(1024).nullable(),
  })
  .partial();

const progressOf = z.object({
  phase: z.enum(['scan', 'copy', 'parity', 'verify', 'seal', 'import', 'export', 'erase']),
  objects: count,
  bytes,
  totalObjects: count,
  totalBytes: bytes,
  skipped: count,
  failed: count,
});

/** The last that was heard of a job's copy, import or export. */
export const progress = progressOf.extend({ at: time });

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
  sizeBytes: bytes,
  encrypted: z.boolean(),
  storeId: z.string(),
  bucket: z.string(),
  prefix: z.string(),
  deviceId: z.string().nullable(),
  createdAt: time,
  progress: progress.nullable(),
});

export const deviceRow = z.object({
  id: z.string(),
  owner: z.enum(DEVICE_OWNERS),
  capacityBytes: bytes,
  state: z.enum(DEVICE_STATES),
  note: z.string(),
  createdAt: time,
  /** The job that has it now. */
  jobId: z.string().nullable(),
});

export const storeRow = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(STORE_KINDS),
  root: z.string(),
  createdAt: time,
});

export const shipmentRequest = z.object({
  carrier: line(100),
  service: optionalLine(100).optional(),
  trackingNumber: optionalLine(100).optional(),
  sealNumbers: z.array(line(60)).max(20).optional(),
});

const shipmentRow = z.object({
  id: count,
  leg: z.enum(LEGS),
  carrier: z.string(),
  service: z.string(),
  trackingNumber: z.string(),
  sealNumbers: z.array(z.string()),
  handedOverBy: z.string(),
  shippedAt: time,
  arrivedAt: time.nullable(),
});

export const incidentRow = z.object({
  id: count,
  kind: z.enum(INCIDENT_KINDS),
  note: z.string(),
  reportedBy: z.string(),
  openedAt: time,
  resolvedAt: time.nullable(),
  /** Who has to do something, and what. */
  owner: z.enum(['operator', 'facility']),
  next: z.string(),
});

export const offerRow = z.object({
  action: z.enum(ACTION_NAMES),
  label: z.string(),
  command: z.string(),
  to: z.enum(JOB_STATES),
  allowed: z.boolean(),
  reason: z.string().optional(),
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

export const reportSummary = z.object({
  format: z.literal('waybill-report/1'),
  jobId: z.string(),
  deviceId: z.string(),
  volumeId: z.string(),
  outcome: z.enum(OUTCOMES),
  objects: count,
  bytes,
  alreadyPresent: count,
  skipped: count,
  failed: count,
  destination: z.string().max(4096),
  sealDigest: z.string(),
  startedAt: time,
  finishedAt: time,
  agentVersion: z.string().max(200),
});

export const jobDetail = jobSummary.extend({
  rangeBegin: z.string().nullable(),
  rangeEnd: z.string().nullable(),
  volumeId: z.string(),
  volumeKind: z.enum(VOLUME_KINDS),
  devicePrepared: z.boolean(),
  sealed: z.boolean(),
  reported: z.boolean(),
  erased: z.boolean(),
  createdBy: z.string(),
  device: deviceRow.nullable(),
  store: storeRow.pick({ id: true, name: true, kind: true }),
  shipments: z.array(shipmentRow),
  incidents: z.array(incidentRow),
  /** What the caller may do now, and what is in the way. */
  offers: z.array(offerRow),
  /** Manifest and unlock code can be had now. */
  credentialsAvailable: z.boolean(),
  /** The job is managed from where the caller is; else by command line. */
  manageable: z.boolean(),
  seal: sealRow.nullable(),
  report: reportSummary.nullable(),
  lease: z.object({ work: z.enum(STATION_WORK), holder: z.string(), until: time }).nullable(),
});

/** What agents and stations tell about a job. `id` is theirs: sending it twice changes nothing. */
export const agentEvent = z.object({
  id: z.uuid(),
  at: time,
  event: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('copy-phase'), phase: z.enum(COPY_PHASES) }),
    z.object({ kind: z.literal('progress'), ...progressOf.shape }),
    z.object({
      kind: z.literal('failure'),
      work: z.enum(['copy', 'import', 'export', 'erase', 'prepare']),
      code: z.string().max(60) as z.ZodType<ErrorCode>,
      message: z.string().max(500),
    }),
  ]),
});

export const eventRow = z.object({
  id: count,
  jobId: z.string(),
  kind: z.string(),
  at: time,
  detail: z.record(z.string(), z.unknown()),
});

export const custodyRow = z.object({
  seq: count,
  at: time,
  kind: z.string(),
  jobId: z.string().nullable(),
  deviceId: z.string().nullable(),
  actor: z.string(),
  channel: z.string(),
  detail: z.record(z.string(), z.unknown()),
  previousHash: z.string(),
  hash: z.string(),
});

/** What a station needs for its work on a device. Keys in base64, certificates PEM; only for stations. */
export const stationCredentials = z.object({
  jobId: z.string(),
  deviceId: z.string(),
  volumeId: z.string(),
  volumeKind: z.enum(VOLUME_KINDS),
  option: z.enum(OPTIONS),
  type: z.enum(JOB_TYPES),
  sizeBytes: bytes,
  jobKey: z.string().nullable(),
  signer: z.object({ certificatePem: z.string(), privateKeyPem: z.string() }),
  caCertificatePem: z.string(),
  store: z.object({
    kind: z.enum(STORE_KINDS),
    root: z.string(),
    bucket: z.string(),
    prefix: z.string(),
    begin: z.string().optional(),
    end: z.string().optional(),
  }),
});

export const personRow = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(PEOPLE_ROLES),
  disabled: z.boolean(),
  createdAt: time,
});

export const personRequest = z.object({
  name: line(100),
  email,
  role: z.enum(PEOPLE_ROLES),
  password,
});
export const personChange = z
  .object({ name: line(100), role: z.enum(PEOPLE_ROLES), disabled: z.boolean(), password })
  .partial();

export const setupRequest = z.object({
  token: z.string().max(200),
  name: line(100),
  email,
  password,
});

export const tokenRow = z.object({
  id: z.string(),
  kind: z.enum(['person', 'job', 'station']),
  name: z.string(),
  subject: z.string(),
  role: z.enum(ROLES),
  createdAt: time,
  expiresAt: time.nullable(),
  revokedAt: time.nullable(),
});

export const tokenRequest = z.object({
  kind: z.enum(['person', 'station']).default('person'),
  name: line(100),
  expiresInDays: z.number().int().min(1).max(3650).optional(),
});

export const me = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  role: z.enum(ROLES),
  channel: z.enum(CHANNELS),
  jobId: z.string().nullable(),
});

export const deviceRequest = z.object({
  id: chosenId,
  capacityBytes: bytes.positive(),
  note: note.default(''),
});
export const deviceChange = z
  .object({ state: z.enum(['available', 'quarantined', 'lost', 'retired']), note })
  .partial();

export const storeRequest = z.object({
  id: chosenId,
  name: line(100),
  kind: z.enum(['directory', 'glacier', 'ebs']),
  root: z.string().startsWith('/', 'an absolute path').max(1000),
  /** Made if it is missing. */
  bucket: bucketName.optional(),
});
export const bucketRequest = z.object({ bucket: bucketName });

export const actionRequest = z.object({
  action: z.enum(ACTION_NAMES),
  shipment: shipmentRequest.optional(),
  note: note.optional(),
});
export const incidentRequest = z.object({ kind: z.enum(INCIDENT_KINDS), note: note.default('') });
export const resolveRequest = z.object({ note: note.default('') });
export const scanRequest = z.object({ place: line(200), note: note.default('') });
export const workRequest = z.object({ work: z.enum(STATION_WORK) });
export const leaseRow = z.object({
  jobId: z.string(),
  id: z.string(),
  work: z.enum(STATION_WORK),
  holder: z.string(),
  expiresMs: count,
});
export const reportFile = z.enum(REPORT_FILES);
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

/** Body of every answer that is not 2xx. */
export const failure = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    next: z.string(),
    facts: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
});

export type JobRequest = z.input<typeof jobRequest>;
export type JobSummary = z.output<typeof jobSummary>;
export type JobDetail = z.output<typeof jobDetail>;
export type Progress = z.output<typeof progress>;
export type AgentEvent = z.output<typeof agentEvent>;
export type EventRow = z.output<typeof eventRow>;
export type StationCredentials = z.output<typeof stationCredentials>;
export type Failure = z.output<typeof failure>;
