import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Proof, type ProofCounts, type ProofKind, proofKind } from '../domain/proofs.ts';
import {
  csvLine,
  outcomeOf,
  REPORT_FILES,
  REPORT_FORMAT,
  type ReportFile,
  type ReportSummary,
} from '../domain/report.ts';
import { writeAll } from '../files/file-access.ts';
import { readMeta } from '../volume/record-meta.ts';
import type { ObjectRecord } from '../volume/records.ts';
import type { VolumeSpec } from '../volume/volume.ts';
import { listVolume } from './list.ts';
import { objectRow, omittedLine, REPORT_HEADER } from './report-lines.ts';
import { readSeal } from './seal.ts';

/** Text that is written at once. */
const CHUNK = 256 * 1024;

/**
 * The completion report of an export: what lies on the sealed volume, and what of the store is not there. Throws
 * what `readSeal` and `listVolume` throw.
 */
export async function writeExportReport(
  options: VolumeSpec & { caPem: string; stateDir: string; agentVersion: string },
): Promise<{ summary: ReportSummary; files: Record<ReportFile, string> }> {
  const { label, stateDir, agentVersion } = options;
  const { summary: sealed, digest: sealDigest, omitted } = readSeal(options);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const pathOf = (file: ReportFile) => join(stateDir, file);
  const proofs = await writeSuccess(options, pathOf('success.csv'));
  const failures = omitted.map(omittedLine).join('');
  writeFileSync(pathOf('failure.csv'), REPORT_HEADER + failures, { mode: 0o600 });
  const { objects, bytes, load, sealedAt } = sealed;
  const { skipped, failed, startedAt } = load;
  const { jobId, deviceId, volumeId } = label;
  const summary: ReportSummary = {
    format: REPORT_FORMAT,
    ...{ jobId, deviceId, volumeId, outcome: outcomeOf({ skipped, failed }) },
    ...{ objects, bytes, alreadyPresent: 0, skipped, failed },
    ...{ destination: `device:${deviceId}`, sealDigest, startedAt, finishedAt: sealedAt },
    agentVersion,
    proofs,
  };
  writeFileSync(pathOf('summary.json'), `${JSON.stringify(summary, null, 2)}\n`, { mode: 0o600 });
  const files = REPORT_FILES.map((file) => [file, pathOf(file)]);
  return { summary, files: Object.fromEntries(files) };
}

/** Writes the log; returns its objects by their proof. */
async function writeSuccess(volume: VolumeSpec, path: string): Promise<ProofCounts> {
  const fd = openSync(path, 'w', 0o600);
  const proofs: ProofCounts = {};
  try {
    let text = REPORT_HEADER;
    for await (const record of listVolume(volume)) {
      const { proof, kind } = proofOf(record);
      if (kind) proofs[kind] = (proofs[kind] ?? 0) + 1;
      text += csvLine({ ...objectRow(record, record.key, 'written'), proof });
      if (text.length < CHUNK) continue;
      writeAll(fd, Buffer.from(text));
      text = '';
    }
    writeAll(fd, Buffer.from(text));
  } finally {
    closeSync(fd);
  }
  return proofs;
}

/** A directory has no bytes to prove. Of a load by an older version nothing is known. */
function proofOf(record: ObjectRecord): { proof?: Proof; kind?: ProofKind } {
  if (record.kind === 'directory') return {};
  const proof = readMeta(record)?.proof ?? 'none';
  const kind = proofKind(proof);
  return kind ? { proof: proof as Proof, kind } : { proof: 'none', kind: 'none' };
}
