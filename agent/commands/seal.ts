import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkDeviceDir } from '../../lib/files/device.ts';
import { reopenVolume } from '../../lib/transfer/verify/seal.ts';
import { isSealed } from '../../lib/volume/label.ts';
import { requireLatest } from '../console/known-states.ts';
import { consoleOfManifest, openReporter, operationHost, reported } from '../console/reporter.ts';
import {
  type Context,
  type DeviceCommandOptions,
  type Finished,
  RECEIPT_FILE,
  stateDir,
} from '../host/context.ts';
import { openCredentials } from '../host/credentials.ts';
import { checkedLabel, withDevice } from '../host/device.ts';
import { operate } from '../host/operation.ts';
import { keepReceipt, sealAndReceipt } from '../work/seal-volume.ts';
import { verifyBeforeSeal } from '../work/verify-volume.ts';

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
      deviceDir: options.device,
      label,
      jobKey: secrets.jobKey,
      stateDir: dir,
      workers: options.workers,
      signal: context.signal,
      onEvent: reporter.onEvent,
      signer: secrets.signer,
      caPem: payload.caCertificatePem,
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
