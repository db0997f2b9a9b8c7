import { WaybillError } from '../../lib/domain/errors.ts';
import type { RunOptions } from '../../lib/transfer/progress/progress.ts';
import { verifyVolume } from '../../lib/transfer/verify/verify.ts';
import type { VolumeSpec } from '../../lib/volume/volume.ts';
import type { Context } from '../host/context.ts';

/** Reads the volume back before it is sealed. Throws VolumeNotVerified. */
export async function verifyBeforeSeal(
  volume: VolumeSpec & RunOptions,
  { output }: Context,
): Promise<void> {
  const { deviceDir, label, jobKey, workers, signal, onEvent = output.event } = volume;
  const result = await verifyVolume({ deviceDir, label, jobKey, workers, signal, onEvent });
  if (!result.uncached) output.note('note: this host could not be asked to read past its memory');
  const [first] = result.problems;
  if (result.damaged > 0) {
    throw new WaybillError('VolumeNotVerified', {
      detail: `${result.damaged} segments are damaged`,
    });
  }
  if (first) throw new WaybillError('VolumeNotVerified', { detail: first.message });
}
