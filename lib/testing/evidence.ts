import type { Evidence } from '../domain/irreversible.ts';
import { REPORT_FORMAT, type ReportSummary } from '../domain/report.ts';
import type { SealStatement } from '../server/db/schema/jobs.ts';

/** SHA-256 of a seal, hex. */
export const SEAL = 'a'.repeat(64);

/** What the receipt of a seal said, of a volume of 41 objects. */
export const sealOf = (changes: Partial<SealStatement> = {}): SealStatement => ({
  objects: 41,
  bytes: 4100,
  skipped: 0,
  failed: 0,
  sealDigest: SEAL,
  sealedAt: '2026-01-02T03:04:05.000Z',
  ...changes,
});

/** The summary of a report that confirms all 41 objects. */
export const reportOf = (
  job: { id: string; volumeId: string; deviceId?: string | null },
  changes: Partial<ReportSummary> = {},
): ReportSummary => ({
  format: REPORT_FORMAT,
  jobId: job.id,
  deviceId: job.deviceId ?? 'DEV-1',
  volumeId: job.volumeId,
  outcome: 'succeeded',
  objects: 41,
  bytes: 4100,
  alreadyPresent: 0,
  skipped: 0,
  failed: 0,
  destination: 'directory:bucket/',
  sealDigest: SEAL,
  startedAt: '2026-01-02T03:04:05.000Z',
  finishedAt: '2026-01-02T03:05:05.000Z',
  agentVersion: 'test',
  ...changes,
});

/** Evidence of an appliance's import that went well and is completed; tests take away from it. */
export const evidenceOfImport = (changes: Partial<Evidence> = {}): Evidence => ({
  type: 'import',
  state: 'completed',
  owner: 'provider',
  begun: true,
  incidents: [],
  sealDigest: SEAL,
  objects: 41,
  reported: true,
  reportedDigest: SEAL,
  failed: 0,
  failureList: null,
  acceptedList: null,
  graceEnds: null,
  graceOver: false,
  restore: null,
  restoreConfirmed: false,
  retryRequested: false,
  uncomparedSeals: [],
  sealsRequired: false,
  eraseUnverified: false,
  erasingDigest: null,
  erased: false,
  wholeArchive: false,
  ...changes,
});

/** Evidence of an appliance's export that was restored at the site and is back. */
export const evidenceOfExport = (changes: Partial<Evidence> = {}): Evidence =>
  evidenceOfImport({ type: 'export', state: 'at-facility', restore: 'done', ...changes });
