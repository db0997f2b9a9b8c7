import type { OverwritePolicy } from '../../lib/domain/words.ts';
import { checkDeviceDir } from '../../lib/files/device.ts';
import { unloadRepaired } from '../../lib/transfer/unload-repaired.ts';
import { type Context, type DeviceCommandOptions, type Finished, stateDir } from '../context.ts';
import { openCredentials } from '../credentials.ts';
import { checkedLabel, withDevice } from '../device.ts';
import { operate } from '../operation.ts';
import { amount } from '../output/output.ts';
import { consoleOfManifest, openReporter, operationHost } from '../reporter.ts';
import { AGENT_VERSION } from '../version.ts';

/** Writes the objects of a device, or of an archive that was unpacked, into a directory. */
export async function restore(
  destination: string,
  options: DeviceCommandOptions & { overwrite?: OverwritePolicy },
  context: Context,
): Promise<Finished> {
  const { payload, secrets } = await openCredentials(options);
  return withDevice(options.device, options, async () => {
    const dir = stateDir(payload.jobId, options.state);
    // An import has left the site when its archive is unpacked: the console has nothing to hear of it.
    const console = payload.type === 'export' ? consoleOfManifest({ payload, secrets }) : undefined;
    const reporter = openReporter(dir, console, context.output);
    const { event: onEvent } = context.output;
    // How it stands, not how far it is: the progress that the console shows is that of the export.
    const host = { ...operationHost(reporter, context, dir), onEvent };
    const checks = {
      device: () => checkDeviceDir(options.device),
      label: () => checkedLabel(options.device, payload),
    };
    const restored = operate(['restore'], host, checks, (attempt) =>
      unloadRepaired({
        ...{
          deviceDir: options.device,
          label: checkedLabel(options.device, payload),
          jobKey: secrets.jobKey,
        },
        ...{
          caPem: payload.caCertificatePem,
          sizeBytes: payload.sizeBytes,
          agentVersion: AGENT_VERSION,
        },
        target: { kind: 'tree', root: destination },
        overwrite: options.overwrite ?? 'never',
        stateDir: dir,
        destinationName: destination,
        ...{ workers: options.workers, ...attempt },
      }),
    );
    const { summary, files, repaired } = await restored.finally(reporter.close);
    context.output.result({
      facts: { ...summary, files, repaired },
      lines: [
        ...repaired.map((path) => `restored on the device: ${path}`),
        `restored ${amount(summary.objects, summary.bytes)} to ${destination} (${summary.failed} failed)`,
        `report: ${files['summary.json']}`,
      ],
    });
    return summary.failed > 0 ? 1 : 0;
  });
}
