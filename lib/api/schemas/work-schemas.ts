import { z } from 'zod';
import { ERASE_METHOD_NAMES } from '../../domain/erasing.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import {
  OPERATION_PRECONDITIONS,
  OPERATIONS,
  type OperationPrecondition,
} from '../../domain/operations.ts';
import { PROOF_KINDS } from '../../domain/proofs.ts';
import { REPORT_FILES } from '../../domain/report.ts';
import {
  ARCHIVE_UNITS,
  COPY_PHASES,
  JOB_TYPES,
  OPERATION_STATES,
  OPTIONS,
  OUTCOMES,
  OVERWRITE_POLICIES,
  STATION_WORK,
  VOLUME_KINDS,
} from '../../domain/words.ts';
import { digest } from './evidence-schemas.ts';
import { bytes, count, time } from './fields.ts';
import { processingResults } from './processing-schemas.ts';
import { stationStore } from './store-schemas.ts';

/** What agents and stations say and are given. Sizes bytes, times ISO 8601 in UTC. */

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

/** How a phase went. Few samples however long it took: the last one of every `stepMs` milliseconds. */
export const progressSeries = z.object({
  phase: progressOf.shape.phase,
  stepMs: count,
  samples: z.array(z.object({ at: time, objects: count, bytes })),
});

/** How a long operation goes, as the host tells that runs it. */
const operationNews = z.object({
  operation: z.enum(OPERATIONS),
  state: z.enum(OPERATION_STATES).exclude(['planned']),
  attempt: count,
  waitingFor: z
    .enum(
      Object.keys(OPERATION_PRECONDITIONS) as [OperationPrecondition, ...OperationPrecondition[]],
    )
    .optional(),
  code: (z.string().max(60) as z.ZodType<ErrorCode>).optional(),
  message: z.string().max(500).optional(),
  retryAt: time.optional(),
});

/** How it stands, with its row of the table. Times milliseconds; `waits` says what it waits for. */
export const operationRow = operationNews.extend({
  state: z.enum(OPERATION_STATES),
  waits: z.string().optional(),
  label: z.string(),
  preconditions: z.array(z.string()),
  attemptTimeoutMs: count,
  maximumRetries: count,
  retryDelayMs: count,
});

/** One line of a log of the completion report. */
export const reportRow = z.object({
  key: z.string(),
  bytes,
  sha256: z.string(),
  crc32: z.string(),
  result: z.string(),
  reason: z.string(),
  detail: z.string(),
  proof: z.string(),
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
  /** The import stopped before its end. */
  partial: z.literal(true).optional(),
  archive: z.object({ key: z.string().max(4096), bytes, sha256: z.string().max(64) }).optional(),
  processing: processingResults.optional(),
  proofs: z.partialRecord(z.enum(PROOF_KINDS), count).optional(),
  notes: z.array(z.string().max(500)).max(20).optional(),
});

/** What agents and stations tell about a job. `id` is theirs: sending it twice changes nothing. */
export const agentEvent = z.object({
  id: z.uuid(),
  at: time,
  event: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('copy-phase'), phase: z.enum(COPY_PHASES) }),
    z.object({ kind: z.literal('progress'), ...progressOf.shape }),
    z.object({ kind: z.literal('processing'), results: processingResults }),
    z.object({ kind: z.literal('operation'), news: operationNews }),
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

/** Which entries of the custody log are meant. */
export const custodyFilter = z.object({
  /** A kind such as "job.created", or the part before its dot. */
  kind: z.string().max(60).optional(),
  /** "person:ada@example.org", "station:dock", "system"; of a person the address alone will do. */
  actor: z.string().max(210).optional(),
  jobId: z.string().max(64).optional(),
  deviceId: z.string().max(64).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
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

/** Whether the custody log is whole, and the one that its signed heads vouch for. */
export const custodyCheck = z.object({
  entries: count,
  /** Number of the first entry that does not follow. */
  brokenAt: count.nullable(),
  /** Hash of the last entry that follows. */
  head: z.string(),
  heads: z.object({
    /** How many signed heads were compared. */
    compared: count,
    /** How many of them the log contradicts, or are not genuine. */
    contradicted: count,
    newest: z.object({ seq: count, at: time }).nullable(),
    /** Heads that the log contradicts, or that somebody changed. */
    problems: z.array(
      z.object({
        seq: count,
        from: z.enum(['database', 'file', 'given', 'log']),
        says: z.string(),
      }),
    ),
    /** What lies among the files of heads and is none. */
    strays: z.array(z.string()),
  }),
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
  store: stationStore,
  archive: z.enum(ARCHIVE_UNITS),
  /** What the console knows of the volume's seal; null while it is not sealed. */
  seal: z.object({ sealDigest: z.string(), objects: count, bytes }).nullable(),
  overwritePolicy: z.enum(OVERWRITE_POLICIES),
  /** Of a disk job of the Import/Export API: what its disk has to carry, and where the log goes. */
  order: z
    .object({
      /** The job's id in that API. */
      code: z.string(),
      /** Text of the file SIGNATURE; null where no file system is mounted. */
      signatureFile: z.string().nullable(),
      log: z.object({
        spec: stationStore.shape.spec,
        key: z.string(),
      }),
    })
    .optional(),
});

/** A seal that was verified on a device: SHA-256 of seal.bin, hex. */
export const proofRequest = z.object({ sealDigest: digest });

export const workRequest = z.object({
  work: z.enum(STATION_WORK),
  /** From a station that runs no longer; if it does run, it stops. */
  takeOver: z.boolean().optional(),
  /** Of the seal that the station verified on the device just now, for erasing. */
  sealDigest: digest.optional(),
});

/** What was erased, and the seal that was verified just before. */
/** The medium of a device that was erased, and how. */
const erasedMedium = z.object({
  way: z.enum(ERASE_METHOD_NAMES),
  tool: z.string().max(300).optional(),
  serial: z.string().max(100).optional(),
  model: z.string().max(100).optional(),
  simulated: z.boolean().optional(),
});

export const erasedRequest = z.object({
  files: count,
  bytes,
  method: z.string().max(600),
  sealDigest: digest.optional(),
  medium: erasedMedium.optional(),
  /** Only what an erasure before had left was counted: the certificate does not say that it was verified. */
  isRest: z.boolean().optional(),
});

export const leaseRow = z.object({
  jobId: z.string(),
  id: z.string(),
  work: z.enum(STATION_WORK),
  holder: z.string(),
  expiresMs: count,
});

export const reportFile = z.enum(REPORT_FILES);

export type ProgressSeries = z.output<typeof progressSeries>;

export type Progress = z.output<typeof progress>;

export type AgentEvent = z.output<typeof agentEvent>;

export type EventRow = z.output<typeof eventRow>;

export type StationCredentials = z.output<typeof stationCredentials>;
