import { isWaybillError, WaybillError } from '../../lib/domain/errors.ts';
import { printableKey } from '../../lib/domain/report.ts';
import { listVolume } from '../../lib/transfer/report/list-volume.ts';
import { requireLatest } from '../console/known-states.ts';
import {
  type Context,
  type DeviceCommandOptions,
  type Finished,
  stateDir,
} from '../host/context.ts';
import { openCredentials } from '../host/credentials.ts';
import { checkedLabel } from '../host/device.ts';
import { amount } from '../output/output.ts';

/** The last millisecond that a `Date` can hold, and the first with a minus. */
const DATE_MAX = 8_640_000_000_000_000n;

/** ISO 8601; what is beyond that, as a file system may have it, in seconds since 1970. */
function timeText(ns: bigint): string {
  const ms = ns / 1_000_000n;
  const isDate = ms >= -DATE_MAX && ms <= DATE_MAX;
  return isDate ? new Date(Number(ms)).toISOString() : `@${ms / 1000n}`;
}

/** Lists the objects of a volume. */
export async function ls(
  options: DeviceCommandOptions & { long?: boolean },
  context: Context,
): Promise<Finished> {
  const credentials = await openCredentials(options);
  const { payload, secrets } = credentials;
  const label = checkedLabel(options.device, payload);
  const total = { objects: 0, bytes: 0, pagesDamaged: 0 };
  for await (const object of listVolume({
    deviceDir: options.device,
    label,
    jobKey: secrets.jobKey,
    caPem: payload.caCertificatePem,
    onDamaged: (page) => {
      total.pagesDamaged += 1;
      context.output.note(new WaybillError('PageDamaged', { page }).message);
    },
  })) {
    const key = printableKey(object.key);
    const sha256 = object.kind !== 'directory' ? object.sha256.toString('hex') : '';
    const modified = timeText(object.mtimeNs);
    const { bytes, mode, kind } = object;
    const long = `${mode.toString(8).padStart(4, '0')} ${String(bytes).padStart(14)} ${modified} ${sha256.slice(0, 16).padEnd(16)} ${key}`;
    context.output.item({
      facts: { key, kind, bytes, mode, modified, sha256 },
      lines: [options.long ? long : key],
    });
    total.objects += 1;
    total.bytes += bytes;
  }
  const dir = stateDir(payload.jobId, options.state);
  await requireLatest(options.device, credentials, dir, context).catch((error: unknown) => {
    // What an earlier state holds may be looked at, and is said to be one.
    if (!isWaybillError(error)) throw error;
    context.output.note(`note: ${error.message}`);
  });
  context.output.result({
    facts: total,
    lines: options.long ? [amount(total.objects, total.bytes)] : [],
  });
  return total.pagesDamaged > 0 ? 1 : 0;
}
