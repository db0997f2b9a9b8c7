import { isSealed, readLabel } from '../../lib/volume/label.ts';
import type { Context, Finished } from '../context.ts';

/** Says whose a device is and whether it is sealed; needs no credentials. */
export async function status(options: { device: string }, { output }: Context): Promise<Finished> {
  const label = readLabel(options.device);
  const sealed = isSealed(options.device);
  output.result({
    facts: { ...label, sealed },
    lines: [
      `device  ${label.deviceId}`,
      `job     ${label.jobId}`,
      `option  ${label.option}`,
      `volume  ${label.volumeId} (${label.kind})`,
      `sealed  ${sealed ? 'yes' : 'no'}`,
    ],
  });
  return 0;
}
