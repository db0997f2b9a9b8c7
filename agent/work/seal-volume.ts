import { isWaybillError } from '../../lib/domain/errors.ts';
import { buildSealReceipt, readSealReceipt } from '../../lib/keys/seal-receipt.ts';
import type { RunOptions } from '../../lib/transfer/progress/progress.ts';
import { completeSeal } from '../../lib/transfer/verify/restore-copies.ts';
import {
  type SealFacts,
  type Signer,
  sealFacts,
  sealVolume,
} from '../../lib/transfer/verify/seal.ts';
import { isSealed, type Label } from '../../lib/volume/label.ts';
import type { VolumeSpec } from '../../lib/volume/volume.ts';
import type { Reporter } from '../console/reporter.ts';
import { type Context, RECEIPT_FILE, writeState } from '../host/context.ts';
import { readState } from '../host/state-errors.ts';
import { AGENT_VERSION } from '../host/version.ts';

/** Whose seal, and how the console is to be convinced of it. */
type SealWork = VolumeSpec & RunOptions & { signer: Signer; caPem: string };

/**
 * Seals a volume, and makes the receipt that proves it to the console. Of a volume that is sealed already, because a run
 * was killed right after, the receipt is made again.
 */
export async function sealAndReceipt(
  volume: SealWork,
  { output }: Context,
): Promise<SealFacts & { der: Buffer }> {
  const facts = isSealed(volume.deviceDir)
    ? sealFacts(completeSeal(volume))
    : await sealVolume({ onEvent: output.event, ...volume });
  return { ...facts, der: receiptOf(volume.label, facts, volume.signer) };
}

/** Tells the console of a seal and keeps the receipt; returns its path. The file comes last: it says that the console hears of it. */
export function keepReceipt(reporter: Reporter, dir: string, der: Buffer): string {
  reporter.receipt(der);
  return writeState(dir, RECEIPT_FILE, der);
}

/** Whether the receipt of this very seal has been kept. */
export function isReceiptKept(
  dir: string,
  sealDigest: string,
  of: { caPem: string; jobId: string },
): boolean {
  const kept = readState(dir, RECEIPT_FILE);
  if (!kept) return false;
  try {
    return readSealReceipt(kept.content, of).sealDigest === sealDigest;
  } catch (error) {
    if (isWaybillError(error, 'SealReceiptInvalid')) return false;
    throw error;
  }
}

/** The signed statement that a volume is sealed. Returns DER. */
export function receiptOf(label: Label, facts: SealFacts, signer: Signer): Buffer {
  const { jobId, deviceId, volumeId } = label;
  return buildSealReceipt(
    {
      format: 'waybill-seal-receipt/1',
      jobId,
      deviceId,
      volumeId,
      ...facts,
      agentVersion: AGENT_VERSION,
    },
    signer,
    new Date(),
  );
}
