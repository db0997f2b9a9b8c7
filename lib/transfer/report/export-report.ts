import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Proof, type ProofCounts, type ProofKind, proofKind } from '../../domain/proofs.ts';
import type { RangeSum } from '../../domain/range-sum.ts';
import {
  csvLine,
  outcomeOf,
  REPORT_FILES,
  REPORT_FORMAT,
  type ReportFile,
  type ReportSummary,
} from '../../domain/report.ts';
import { formatBytes } from '../../domain/sizes.ts';
import { makeFolders, writeAll } from '../../files/file-access.ts';
import { readMeta } from '../../volume/catalog/record-metadata.ts';
import type { ObjectRecord } from '../../volume/catalog/records.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import { readSeal } from '../verify/seal.ts';
import { listVolume } from './list-volume.ts';
import { objectRow, omittedLine, REPORT_HEADER } from './report-rows.ts';

/** Text that is written at once. */
const CHUNK = 256 * 1024;

/**
 * The completion report of an export: what lies on the sealed volume, and what of the store is not there. Throws
 * what `readSeal` and `listVolume` throw.
 */
export async function writeExportReport(
  options: VolumeSpec & {
    caPem: string;
    stateDir: string;
    agentVersion: string;
    /** What the range held when it was summed. */
    expected?: Pick<RangeSum, 'objects' | 'bytes' | 'listedAt'> | null;
  },
): Promise<{ summary: ReportSummary; files: Record<ReportFile, string> }> {
  const { label, stateDir, agentVersion } = options;
  const { summary: sealed, digest: sealDigest, omitted } = readSeal(options);
  makeFolders(stateDir, 0o700);
  const pathOf = (file: ReportFile) => join(stateDir, file);
  const { proofs, found } = await writeSuccess(options, pathOf('success.csv'));
  const failures = omitted.map(omittedLine).join('');
  writeFileSync(pathOf('failure.csv'), REPORT_HEADER + failures, { mode: 0o600 });
  const { objects, bytes, load, sealedAt } = sealed;
  const { skipped, failed, startedAt } = load;
  const { jobId, deviceId, volumeId } = label;
  const note = shortNote(options.expected, { ...found, omitted: omitted.length });
  const outcome = outcomeOf({ skipped: skipped + (note ? 1 : 0), failed });
  const summary: ReportSummary = {
    format: REPORT_FORMAT,
    jobId,
    deviceId,
    volumeId,
    outcome,
    objects,
    bytes,
    alreadyPresent: 0,
    skipped,
    failed,
    destination: `device:${deviceId}`,
    sealDigest,
    startedAt,
    finishedAt: sealedAt,
    agentVersion,
    proofs,
    ...(note && { notes: [note] }),
  };
  writeFileSync(pathOf('summary.json'), `${JSON.stringify(summary, null, 2)}\n`, { mode: 0o600 });
  const files = REPORT_FILES.map((file) => [file, pathOf(file)]);
  return { summary, files: Object.fromEntries(files) };
}

/** That less was found than the sum of the range says: it may have been deleted meanwhile, or the store did not list it. */
function shortNote(
  expected: Pick<RangeSum, 'objects' | 'bytes' | 'listedAt'> | null | undefined,
  { objects, bytes, omitted }: { objects: number; bytes: number; omitted: number },
): string | undefined {
  if (!expected) return undefined;
  const missing = expected.objects - objects - omitted;
  // Of objects that are named as missing the bytes are not known.
  const missingBytes = omitted > 0 ? 0 : expected.bytes - bytes;
  if (missing <= 0 && missingBytes <= 0) return undefined;
  const held = `${expected.objects} objects, ${formatBytes(expected.bytes)}`;
  const got = `${objects + omitted} objects, ${formatBytes(bytes)}`;
  return `The range held ${held} when it was listed on ${expected.listedAt}, and ${got} when it was exported: what is missing was deleted or replaced meanwhile, or the store did not list it.`;
}

/** Writes the log; returns its objects by their proof, and how many they are. */
async function writeSuccess(volume: VolumeSpec, path: string) {
  const fd = openSync(path, 'w', 0o600);
  const proofs: ProofCounts = {};
  const found = { objects: 0, bytes: 0 };
  try {
    let text = REPORT_HEADER;
    for await (const record of listVolume(volume)) {
      found.objects += 1;
      found.bytes += record.bytes;
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
  return { proofs, found };
}

/** A directory has no bytes to prove. Of a load by an older version nothing is known. */
function proofOf(record: ObjectRecord): { proof?: Proof; kind?: ProofKind } {
  if (record.kind === 'directory') return {};
  const proof = readMeta(record)?.proof ?? 'none';
  const kind = proofKind(proof);
  return kind ? { proof: proof as Proof, kind } : { proof: 'none', kind: 'none' };
}
