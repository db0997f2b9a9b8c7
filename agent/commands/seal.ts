import { buildSealReceipt } from '../../lib/keys/seal-receipt.ts';
import type { RunOptions } from '../../lib/transfer/progress.ts';
import { reopenVolume, type SealFacts, type Signer, sealVolume } from '../../lib/transfer/seal.ts';
import { checkDeviceDir, type Label } from '../../lib/volume/label.ts';
import type { VolumeSpec } from '../../lib/volume/volume.ts';
import {
  type Context,
  type DeviceCommandOptions,
  type Finished,
  stateDir,
  writeState,
} from '../context.ts';
import { openCredentials } from '../credentials.ts';
import { checkedLabel, requireUnsealed, withDevice } from '../device.ts';
import { operate } from '../operation.ts';
import { consoleOfManifest, openReporter, operationHost, reported } from '../reporter.ts';
import { AGENT_VERSION } from '../version.ts';
import { verifyBeforeSeal } from './verify.ts';

/** Seals the volume and writes the receipt that proves it to the console, as a file and as bytes. */
export async function sealAndReceipt(
  volume: VolumeSpec & RunOptions & { signer: Signer; stateDir: string },
  { output }: Context,
): Promise<{ sealDigest: string; receipt: string; der: Buffer }> {
  const facts = await sealVolume({ onEvent: output.event, ...volume });
  const der = receiptOf(volume.label, facts, volume.signer);
  const { sealDigest } = facts;
  return { sealDigest, receipt: writeState(volume.stateDir, 'receipt.cms', der), der };
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

/** Seals a volume whose copy has finished. */
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
    };
    return reported<Finished>(reporter, 'copy', async () => {
      const host = operationHost(reporter, context, dir);
      const checks = {
        device: () => checkDeviceDir(options.device),
        label: () => checkedLabel(options.device, payload),
      };
      if (options.verify)
        await operate(['verify'], host, checks, (attempt) =>
          verifyBeforeSeal({ ...volume, ...attempt }, context),
        );
      const unsealed = () => requireUnsealed(options.device);
      const { signer } = secrets;
      const { der, ...facts } = await operate(['seal'], host, { ...checks, unsealed }, (attempt) =>
        sealAndReceipt({ ...volume, ...attempt, signer }, context),
      );
      reporter.receipt(der);
      const lines = [`sealed; seal ${facts.sealDigest}`, `receipt: ${facts.receipt}`];
      context.output.result({ facts, lines });
      return 0;
    });
  });
}

/** Takes the seal off while the device is still at the site. */
export async function reopen(options: DeviceCommandOptions, context: Context): Promise<Finished> {
  const credentials = await openCredentials(options);
  const { payload } = credentials;
  return withDevice(options.device, options, async (): Promise<Finished> => {
    const label = checkedLabel(options.device, payload);
    const dir = stateDir(payload.jobId, options.state);
    const reporter = openReporter(dir, consoleOfManifest(credentials), context.output);
    return reported<Finished>(reporter, 'copy', async () => {
      await reopenVolume({ deviceDir: options.device, label });
      reporter.phase('copying');
      context.output.result({
        facts: { sealed: false },
        lines: ['reopened; run waybill copy before the next seal'],
      });
      return 0;
    });
  });
}
