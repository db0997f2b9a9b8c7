import { buildSealReceipt } from '../../lib/keys/seal-receipt.ts';
import { reopenVolume, type Signer, sealVolume } from '../../lib/transfer/seal.ts';
import type { VolumeSpec } from '../../lib/volume/volume.ts';
import {
  type Context,
  type DeviceCommandOptions,
  type Finished,
  stateDir,
  writeState,
} from '../context.ts';
import { openCredentials } from '../credentials.ts';
import { checkedLabel, withDevice } from '../device.ts';
import { AGENT_VERSION } from '../version.ts';
import { verifyBeforeSeal } from './verify.ts';

/** Seals the volume and writes the receipt that proves it to the console. Returns facts for the result. */
export async function sealAndReceipt(
  volume: VolumeSpec & { signer: Signer; stateDir: string },
  { output }: Context,
): Promise<{ sealDigest: string; receipt: string }> {
  const facts = await sealVolume({ ...volume, onEvent: output.event });
  const { jobId, deviceId, volumeId } = volume.label;
  const receipt = buildSealReceipt(
    {
      format: 'waybill-seal-receipt/1',
      jobId,
      deviceId,
      volumeId,
      ...facts,
      agentVersion: AGENT_VERSION,
    },
    volume.signer,
    new Date(),
  );
  return {
    sealDigest: facts.sealDigest,
    receipt: writeState(volume.stateDir, 'receipt.cms', receipt),
  };
}

/** Seals a volume whose copy has finished. */
export async function seal(
  options: DeviceCommandOptions & { verify: boolean },
  context: Context,
): Promise<Finished> {
  const { payload, secrets } = await openCredentials(options);
  return withDevice(options.device, options, async (): Promise<Finished> => {
    const label = checkedLabel(options.device, payload);
    const volume = { deviceDir: options.device, label, jobKey: secrets.jobKey };
    if (options.verify)
      await verifyBeforeSeal(
        { ...volume, workers: options.workers, signal: context.signal },
        context,
      );
    const dir = stateDir(payload.jobId, options.state);
    const facts = await sealAndReceipt(
      { ...volume, signer: secrets.signer, stateDir: dir },
      context,
    );
    const lines = [`sealed; seal ${facts.sealDigest}`, `receipt: ${facts.receipt}`];
    context.output.result({ facts, lines });
    return 0;
  });
}

/** Takes the seal off while the device is still at the site. */
export async function reopen(options: DeviceCommandOptions, context: Context): Promise<Finished> {
  const { payload } = await openCredentials(options);
  return withDevice(options.device, options, async (): Promise<Finished> => {
    const label = checkedLabel(options.device, payload);
    await reopenVolume({ deviceDir: options.device, label });
    context.output.result({
      facts: { sealed: false },
      lines: ['reopened; run waybill copy before the next seal'],
    });
    return 0;
  });
}
