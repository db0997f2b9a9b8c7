import { isSealed, readLabel } from '../../lib/volume/label.ts';
import type { Context, Finished } from '../context.ts';
import { waitingJobs } from './sync.ts';

/** Says whose a device is and whether it is sealed, and what of this host waits to be sent; needs no credentials. */
export async function status(
  options: { device?: string; state?: string },
  { output }: Context,
): Promise<Finished> {
  const waiting = waitingJobs(options.state).map(({ jobId, outbox }) => ({
    ...{ jobId, waiting: outbox.count() },
  }));
  const device = options.device === undefined ? undefined : deviceStatus(options.device);
  output.result({
    facts: { ...device?.facts, outbox: waiting },
    lines: [
      ...(device?.lines ?? []),
      ...(waiting.length === 0 && !device ? ['nothing waits to be sent'] : []),
      ...waiting.map(({ jobId, waiting }) => `${jobId}  ${waiting} to send: waybill sync`),
    ],
  });
  return 0;
}

function deviceStatus(path: string) {
  const label = readLabel(path);
  const sealed = isSealed(path);
  return {
    facts: { ...label, sealed },
    lines: [
      `device  ${label.deviceId}`,
      `job     ${label.jobId}`,
      `option  ${label.option}`,
      `volume  ${label.volumeId} (${label.kind})`,
      `sealed  ${sealed ? 'yes' : 'no'}`,
    ],
  };
}
