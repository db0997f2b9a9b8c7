import { WaybillError } from '../../lib/domain/errors.ts';
import type { RunOptions } from '../../lib/transfer/progress.ts';
import { type RepairResult, repairVolume } from '../../lib/transfer/repair.ts';
import { restoreCopies } from '../../lib/transfer/restore-copies.ts';
import { type VerifyResult, verifyVolume } from '../../lib/transfer/verify.ts';
import { isSealed } from '../../lib/volume/label.ts';
import type { VolumeSpec } from '../../lib/volume/volume.ts';
import type { Context, DeviceCommandOptions, Finished } from '../context.ts';
import { openCredentials } from '../credentials.ts';
import { checkedLabel, withDevice } from '../device.ts';
import { amount } from '../output/output.ts';

/** Reads the volume back before it is sealed. Throws VolumeNotVerified. */
export async function verifyBeforeSeal(
  volume: VolumeSpec & RunOptions,
  { output }: Context,
): Promise<void> {
  const { deviceDir, label, jobKey, workers, signal, onEvent = output.event } = volume;
  const result = await verifyVolume({ deviceDir, label, jobKey, workers, signal, onEvent });
  if (!result.uncached) output.note('note: this host could not be asked to read past its memory');
  if (result.damaged > 0) {
    throw new WaybillError('VolumeNotVerified', {
      detail: `${result.damaged} segments are damaged`,
    });
  }
}

export interface VerifyCommandOptions extends DeviceCommandOptions {
  full?: boolean;
  dropDamaged?: boolean;
  repair?: boolean;
}

/** Reads a volume back and says what is damaged. */
export async function verify(options: VerifyCommandOptions, context: Context): Promise<Finished> {
  const { payload, secrets } = await openCredentials(options);
  return withDevice(options.device, options, async () => {
    const label = checkedLabel(options.device, payload);
    if (options.repair) {
      const volume = { deviceDir: options.device, label, jobKey: secrets.jobKey };
      const { workers } = options;
      const { caCertificatePem: caPem } = payload;
      const told = { workers, caPem, signal: context.signal, onEvent: context.output.event };
      const restored = restoreCopies({ ...volume, caPem });
      return reportRepair(restored, await repairVolume({ ...volume, ...told }), context);
    }
    if (options.dropDamaged && isSealed(options.device)) throw new WaybillError('VolumeSealed');
    const result: VerifyResult = await verifyVolume({
      ...{ deviceDir: options.device, label, jobKey: secrets.jobKey },
      caPem: payload.caCertificatePem,
      ...{ full: options.full, dropDamaged: options.dropDamaged, workers: options.workers },
      ...{ signal: context.signal, onEvent: context.output.event },
    });
    const { objects, bytes, damaged, uncached } = result;
    const state =
      damaged === 0
        ? 'all of it is intact'
        : `${damaged} segments are damaged, ${result.problems.length} objects hit`;
    context.output.result({
      facts: { ...result },
      lines: [
        `read ${amount(objects, bytes)} back ${uncached ? 'from the medium' : '(from memory where it was there)'}: ${state}`,
      ],
    });
    return damaged > 0 ? 1 : 0;
  });
}

function reportRepair(
  restored: string[],
  { repaired, lost, verified }: RepairResult,
  { output }: Context,
): Finished {
  const all = [...restored, ...repaired];
  const { damaged, objects, bytes } = verified;
  const state =
    damaged + lost.length === 0
      ? `all of ${amount(objects, bytes)} is intact`
      : `${damaged} segments are still damaged`;
  output.result({
    facts: { ...verified, repaired: all, lost },
    lines: [
      ...all.map((path) => `restored: ${path}`),
      ...lost.map((path) => `too much is lost of: ${path}`),
      state,
    ],
  });
  return damaged + lost.length > 0 ? 1 : 0;
}
