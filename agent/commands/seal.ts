import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isWaybillError } from '../../lib/domain/errors.ts';
import { checkDeviceDir } from '../../lib/files/device.ts';
import { buildSealReceipt, readSealReceipt } from '../../lib/keys/seal-receipt.ts';
import type { RunOptions } from '../../lib/transfer/progress/progress.ts';
import { completeSeal } from '../../lib/transfer/verify/restore-copies.ts';
import {
  reopenVolume,
  type SealFacts,
  type Signer,
  sealFacts,
  sealVolume,
} from '../../lib/transfer/verify/seal.ts';
import { isSealed, type Label } from '../../lib/volume/label.ts';
import type { VolumeSpec } from '../../lib/volume/volume.ts';
import { requireLatest } from '../console/known-states.ts';
import {
  consoleOfManifest,
  openReporter,
  operationHost,
  type Reporter,
  reported,
} from '../console/reporter.ts';
import {
  type Context,
  type DeviceCommandOptions,
  type Finished,
  RECEIPT_FILE,
  stateDir,
  writeState,
} from '../host/context.ts';
import { openCredentials } from '../host/credentials.ts';
import { checkedLabel, withDevice } from '../host/device.ts';
import { operate } from '../host/operation.ts';
import { AGENT_VERSION } from '../host/version.ts';
import { verifyBeforeSeal } from './verify.ts';

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
  const path = join(dir, RECEIPT_FILE);
  if (!existsSync(path)) return false;
  try {
    return readSealReceipt(readFileSync(path), of).sealDigest === sealDigest;
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
      ...{ jobId, deviceId, volumeId, ...facts, agentVersion: AGENT_VERSION },
    },
    signer,
    new Date(),
  );
}

/** Seals a volume whose copy has finished; of one that is sealed already it makes the receipt again. */
export async function seal(
  options: DeviceCommandOptions & { verify: boolean },
  context: Context,
): Promise<Finished> {
  const credentials = await openCredentials(options);
  const { payload, secrets } = credentials;
  return withDevice(options.device, options, async (): Promise<Finished> => {
    const label = checkedLabel(options.device, payload);
    const dir = stateDir(payload.jobId, options.state);
    const reporter = openReporter(dir, consoleOfManifest(credentials), context.output);
    const volume = {
      ...{ deviceDir: options.device, label, jobKey: secrets.jobKey, stateDir: dir },
      ...{ workers: options.workers, signal: context.signal, onEvent: reporter.onEvent },
      ...{ signer: secrets.signer, caPem: payload.caCertificatePem },
    };
    const wasSealed = isSealed(options.device);
    return reported<Finished>(reporter, 'copy', async () => {
      const host = operationHost(reporter, context, dir);
      const checks = {
        device: () => checkDeviceDir(options.device),
        label: () => checkedLabel(options.device, payload),
      };
      // Its receipt would tell that an earlier state is the last one.
      await requireLatest(options.device, credentials, dir, context);
      if (options.verify && !wasSealed)
        await operate(['verify'], host, checks, (attempt) =>
          verifyBeforeSeal({ ...volume, ...attempt }, context),
        );
      const { der, sealDigest } = await operate(['seal'], host, checks, (attempt) =>
        sealAndReceipt({ ...volume, ...attempt }, context),
      );
      const receipt = keepReceipt(reporter, dir, der);
      context.output.result({
        facts: { sealDigest, receipt },
        lines: [
          `${wasSealed ? 'was sealed' : 'sealed'}; seal ${sealDigest}`,
          `receipt: ${receipt}`,
        ],
      });
      return 0;
    });
  });
}

/** Takes the seal off while the device is still at the site. */
export async function reopen(options: DeviceCommandOptions, context: Context): Promise<Finished> {
  const credentials = await openCredentials(options);
  const { payload, secrets } = credentials;
  return withDevice(options.device, options, async (): Promise<Finished> => {
    const label = checkedLabel(options.device, payload);
    const dir = stateDir(payload.jobId, options.state);
    const reporter = openReporter(dir, consoleOfManifest(credentials), context.output);
    return reported<Finished>(reporter, 'copy', async () => {
      // What this host knows of the seal ends with it; a volume that stays sealed gets its receipt again.
      rmSync(join(dir, RECEIPT_FILE), { force: true });
      await reopenVolume({ deviceDir: options.device, label, jobKey: secrets.jobKey });
      reporter.phase('copying');
      context.output.result({
        facts: { sealed: false },
        lines: ['reopened; run waybill copy before the next seal'],
      });
      return 0;
    });
  });
}
