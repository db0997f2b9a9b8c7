import { join } from 'node:path';
import {
  type ArchiveFacts,
  outcomeOf,
  REPORT_FORMAT,
  type ReportSummary,
} from '../../domain/report.ts';
import { publish } from '../../files/durable.ts';
import type { Label } from '../../volume/label.ts';
import type { CheckedSeal } from '../verify/seal.ts';

/** What the summary of a completion report is made from. */
export interface SummaryFacts {
  seal: CheckedSeal;
  counts: { objects: number; bytes: number; alreadyPresent: number };
  /** Objects that are not in the store, beside those that the load could not read. */
  failed: number;
  startedAt: string;
  notes: string[];
  archive?: ArchiveFacts;
  /** It stopped before its end. */
  partial?: boolean;
}

/** Makes the summary and keeps it in the job's state. Returns its path, too. */
export function writeSummary(
  options: { label: Label; stateDir: string; destinationName: string; agentVersion: string },
  facts: SummaryFacts,
): { summary: ReportSummary; path: string } {
  const { seal, counts, startedAt, notes, archive, partial } = facts;
  const { jobId, deviceId, volumeId } = options.label;
  const { skipped, processing } = seal.summary.load;
  const failed = facts.failed + seal.summary.load.failed;
  const kept = processing?.kept ?? 0;
  const { objects, bytes, alreadyPresent } = counts;
  const outcome = partial ? 'with-errors' : outcomeOf({ skipped: skipped + kept, failed });
  const summary: ReportSummary = {
    format: REPORT_FORMAT,
    jobId,
    deviceId,
    volumeId,
    outcome,
    objects,
    bytes,
    alreadyPresent,
    skipped,
    failed,
    destination: options.destinationName,
    sealDigest: seal.digest,
    startedAt,
    finishedAt: new Date().toISOString(),
    agentVersion: options.agentVersion,
    ...(archive && { archive }),
    ...(partial && { partial }),
    ...(notes.length > 0 ? { notes } : {}),
    ...(processing && { processing }),
  };
  const path = join(options.stateDir, 'summary.json');
  publish(path, `${JSON.stringify(summary, null, 2)}\n`);
  return { summary, path };
}
