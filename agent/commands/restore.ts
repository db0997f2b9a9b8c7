import { WaybillError } from '../../lib/domain/errors.ts';
import type { OperationNews } from '../../lib/domain/operations.ts';
import type { OverwritePolicy } from '../../lib/domain/words.ts';
import { checkDeviceDir } from '../../lib/files/device.ts';
import { destinationOf } from '../../lib/stores/store-spec.ts';
import type { TransferEvent } from '../../lib/transfer/progress/progress.ts';
import type { UnloadOptions } from '../../lib/transfer/unload/unload.ts';
import {
  type RepairedUnload,
  unloadRepaired,
} from '../../lib/transfer/unload/unload-with-repair.ts';
import { requireSealKept } from '../console/known-states.ts';
import { consoleOfManifest, openReporter, operationHost } from '../console/reporter.ts';
import {
  type Context,
  type DeviceCommandOptions,
  type Finished,
  stateDir,
} from '../host/context.ts';
import { openCredentials } from '../host/credentials.ts';
import { checkedLabel, withDevice } from '../host/device.ts';
import { operate } from '../host/operation.ts';
import { isStoreUrl, type StoreTargetOptions, storeTarget } from '../host/store-target.ts';
import { AGENT_VERSION } from '../host/version.ts';
import { amount } from '../output/output.ts';
import { restoreOne } from './restore-one.ts';

export interface RestoreOptions extends DeviceCommandOptions, StoreTargetOptions {
  overwrite?: OverwritePolicy;
  /** Give keys that a directory cannot hold another name. */
  map?: boolean;
  /** One object, and the file it goes to. */
  key?: string;
  output?: string;
}

/**
 * Writes the objects of a device, or of an archive that was unpacked, into a directory or a bucket; or one of them to
 * a file.
 */
export async function restore(
  destination: string | undefined,
  options: RestoreOptions,
  context: Context,
): Promise<Finished> {
  const { key, output } = options;
  if (key !== undefined && output !== undefined && destination === undefined)
    return restoreOne({ ...options, key, output }, context);
  if (destination === undefined || key !== undefined || output !== undefined)
    throw usage('give a destination for all objects, or --key and --output for one');
  return restoreAll(whereTo(destination, options), options, context);
}

const usage = (detail: string): WaybillError => new WaybillError('Usage', { detail });

/** Where objects go, and what reports call it. */
type Destination = Pick<UnloadOptions, 'target' | 'destinationName'>;

/** Throws Usage. */
function whereTo(destination: string, options: RestoreOptions): Destination {
  if (!isStoreUrl(destination)) {
    if (STORE_ONLY.some((name) => options[name] !== undefined))
      throw usage('--endpoint, --region and --access-key-file are for s3://BUCKET/FOLDER');
    const target = { kind: 'tree', root: destination, map: options.map } as const;
    return { target, destinationName: destination };
  }
  if (options.map) throw usage('--map is for a directory; a store takes the keys as they are');
  const { spec, prefix } = storeTarget(destination, options);
  return {
    target: { kind: 'store', spec, prefix },
    destinationName: destinationOf(spec, prefix),
  };
}

const STORE_ONLY = ['endpoint', 'region', 'accessKeyFile', 'virtualHost', 'storageClass'] as const;

async function restoreAll(
  destination: Destination,
  options: RestoreOptions,
  context: Context,
): Promise<Finished> {
  const credentials = await openCredentials(options);
  const { payload, secrets } = credentials;
  const { takeOverLock } = options;
  return withDevice(options.device, { takeOverLock, readOnly: true }, async () => {
    const dir = stateDir(payload.jobId, options.state);
    await requireSealKept(options.device, credentials, dir, context);
    // An import has left the site when its archive is unpacked: the console has nothing to hear of it.
    const console = payload.type === 'export' ? consoleOfManifest({ payload, secrets }) : undefined;
    const reporter = openReporter(dir, console, context.output);
    // To whoever restores a bucket is no import.
    const onEvent = (event: TransferEvent) =>
      context.output.event(
        event.kind === 'phase' && event.phase === 'import'
          ? { kind: 'phase', phase: 'export' }
          : event,
      );
    // How it stands, not how far it is: the progress that the console shows is that of the export.
    const host = { ...operationHost(reporter, context, dir), onEvent };
    const checks = {
      device: () => checkDeviceDir(options.device),
      label: () => checkedLabel(options.device, payload),
    };
    const restored = operate(['restore'], host, checks, (attempt) =>
      unloadRepaired({
        deviceDir: options.device,
        label: checkedLabel(options.device, payload),
        jobKey: secrets.jobKey,
        caPem: payload.caCertificatePem,
        sizeBytes: payload.sizeBytes,
        agentVersion: AGENT_VERSION,
        ...destination,
        overwrite: options.overwrite ?? 'never',
        stateDir: dir,
        workers: options.workers,
        ...attempt,
      }),
    );
    const result = await restored
      .then((done) => {
        // The device of an export is erased once its restore is done: a part of it is not.
        if (done.summary.failed > 0) reporter.operation(incomplete(done));
        return done;
      })
      .finally(reporter.close);
    const { summary, files, repaired, unrepaired, mapped, unnamable } = result;
    const changed = mapped?.objects ? mapped : undefined;
    context.output.result({
      facts: {
        ...summary,
        total: totalOf(summary),
        files,
        repaired,
        unrepaired,
        mapped: changed,
        unnamable,
      },
      lines: linesOf(result, destination.destinationName),
    });
    return summary.failed > 0 ? 1 : 0;
  });
}

function incomplete({ summary }: RepairedUnload): OperationNews {
  const { failed } = summary;
  const message = `${failed} of ${totalOf(summary)} objects were not written`;
  return { operation: 'restore', state: 'failed', attempt: 1, message };
}

/** All objects: restored, left out at the source by rule, and failed. */
const totalOf = ({ objects, skipped, failed }: RepairedUnload['summary']): number =>
  objects + skipped + failed;

function linesOf(
  { summary, files, repaired, unrepaired, mapped, unnamable }: RepairedUnload,
  destination: string,
): string[] {
  const lines = [
    ...repaired.map((path) => `restored on the device: ${path}`),
    ...(unrepaired ? [`the device was left as it is: ${unrepaired}`] : []),
    `restored ${amount(summary.objects, summary.bytes)} to ${destination} (${summary.failed} failed)`,
  ];
  const { objects, alreadyPresent, skipped, failed } = summary;
  if (skipped + failed > 0)
    lines.push(
      `of ${totalOf(summary)} objects: ${objects} restored (${alreadyPresent} were there already), ${skipped} left out at the source, ${failed} failed`,
    );
  if (mapped?.objects)
    lines.push(`${mapped.objects} have other names than their keys: ${mapped.path}`);
  if (unnamable)
    lines.push(
      `of the failed, ${unnamable} have keys that cannot be names in a directory: restore them with --map into an empty one, to a bucket (s3://…), or singly (--key)`,
    );
  lines.push(`report: ${files['summary.json']}`);
  return lines;
}
