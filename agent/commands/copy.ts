import { join } from 'node:path';
import { WaybillError } from '../../lib/domain/errors.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import { checkDeviceDir } from '../../lib/files/device.ts';
import type { ManifestPayload } from '../../lib/keys/manifest/payload.ts';
import { load, placeOf, preflight } from '../../lib/transfer/load/load.ts';
import type { LoadOptions, LoadResult } from '../../lib/transfer/load/load-options.ts';
import { writeParity } from '../../lib/transfer/parity/parity.ts';
import { PROBLEMS_FILE } from '../../lib/transfer/progress/problem-log.ts';
import { checkSource } from '../../lib/transfer/scan/scan.ts';
import { sourceAt } from '../../lib/transfer/scan/source.ts';
import type { ChangingPolicy, SymlinkPolicy } from '../../lib/transfer/scan/source-spec.ts';
import { readSeal, type Signer } from '../../lib/transfer/verify/seal.ts';
import { isSealed } from '../../lib/volume/label.ts';
import { requireLatest } from '../console/known-states.ts';
import { consoleOfManifest, openReporter, operationHost, reported } from '../console/reporter.ts';
import { configFolder } from '../console/sign-in.ts';
import { type ConsentOptions, consentTo } from '../host/consent.ts';
import {
  type Context,
  type DeviceCommandOptions,
  type Finished,
  stateBase,
  stateDir,
} from '../host/context.ts';
import { type Credentials, openCredentials } from '../host/credentials.ts';
import { checkedLabel, labelForLoad, requireUnsealed, withDevice } from '../host/device.ts';
import { describeDevicePlace } from '../host/device-place.ts';
import { type Checks, operate } from '../host/operation.ts';
import { AGENT_VERSION } from '../host/version.ts';
import { processingLines } from '../output/processing-lines.ts';
import { isReceiptKept, keepReceipt, sealAndReceipt } from '../work/seal-volume.ts';
import { verifyBeforeSeal } from '../work/verify-volume.ts';

export interface CopyOptions extends DeviceCommandOptions, ConsentOptions {
  symlinks: SymlinkPolicy;
  changing?: ChangingPolicy;
  /** Key of an image. */
  name?: string;
  /** Recovery data, percent. */
  parity?: number;
  dryRun?: boolean;
  deviceIsADirectory?: boolean;
  allowEmpty?: boolean;
  verify: boolean;
  seal: boolean;
}

/** Copies a directory, or an image, to the device of an import: checks, copies, verifies, seals. */
export async function copy(
  source: string,
  flags: CopyOptions,
  context: Context,
): Promise<Finished> {
  const credentials = await openCredentials(flags);
  if (flags.parity && credentials.payload.volumeKind === 'bag') {
    const detail = '--parity is for encrypted volumes; protect a bag with par2';
    throw new WaybillError('Usage', { detail });
  }
  if (credentials.payload.type !== 'import') {
    throw new WaybillError('Usage', {
      detail: 'this job is an export; its device is emptied with: waybill restore',
    });
  }
  checkDeviceDir(flags.device);
  return withDevice(flags.device, flags, async () => {
    const options = optionsOf(source, flags, credentials, context);
    if (flags.dryRun) {
      const loaded = await preflight(options);
      return report(loaded, 'would copy', context, { onto: describeDevicePlace(flags.device) });
    }
    return copyAndSeal(options, flags, credentials, context);
  });
}

/** What the load takes, and the seal after it. */
interface LoadAndSealOptions extends LoadOptions {
  signer: Signer;
  caPem: string;
}

function optionsOf(
  source: string,
  flags: CopyOptions,
  { payload, secrets }: Credentials,
  context: Context,
): LoadAndSealOptions {
  return {
    deviceDir: flags.device,
    label: labelForLoad(flags.device, payload, flags),
    jobKey: secrets.jobKey,
    sizeBytes: payload.sizeBytes,
    source: sourceAt(source, flags),
    keyRules: keyRulesOf(payload),
    processing: consentTo(payload.processing, flags),
    stateDir: stateDir(payload.jobId, flags.state),
    doubtsEmptySource: !flags.allowEmpty,
    ownFolders: [stateBase(flags.state), configFolder()],
    agentVersion: AGENT_VERSION,
    parityPercent: flags.parity,
    workers: flags.workers,
    signal: context.signal,
    onEvent: context.output.event,
    signer: secrets.signer,
    caPem: payload.caCertificatePem,
  };
}

async function copyAndSeal(
  options: LoadAndSealOptions,
  flags: CopyOptions,
  credentials: Credentials,
  context: Context,
): Promise<Finished> {
  const { output, signal } = context;
  const { deviceDir } = options;
  const console = consoleOfManifest(credentials);
  const reporter = openReporter(options.stateDir, console, output);
  return reported(reporter, 'copy', async () => {
    const host = operationHost(reporter, context, options.stateDir);
    const checks = checksOf(options, flags, credentials);
    const { device, label } = checks;
    const sealed = async () => {
      await requireLatest(deviceDir, credentials, options.stateDir, context);
      const { der, sealDigest } = await operate(['seal'], host, { device, label }, (attempt) =>
        sealAndReceipt({ ...options, ...attempt }, context),
      );
      return { sealDigest, receipt: keepReceipt(reporter, options.stateDir, der) };
    };
    if (flags.seal && isSealed(deviceDir))
      return report(loadedBefore(options), 'copied and sealed', context, await sealed());
    const loaded = await operate(['scan', 'load'], host, checks, (attempt) => {
      reporter.phase('copying');
      return load({ ...options, ...attempt });
    });
    if (loaded.processing) reporter.processing(loaded.processing);
    if (flags.parity) {
      const { onEvent } = reporter;
      await writeParity({ ...options, onEvent, percent: flags.parity });
    }
    if (flags.verify) {
      reporter.phase('verifying');
      await operate(['verify'], host, { device, label }, (attempt) =>
        verifyBeforeSeal({ ...options, ...attempt }, { output, signal }),
      );
    }
    if (!flags.seal) {
      reporter.phase('paused');
      return report(loaded, 'copied', context, {});
    }
    return report(loaded, 'copied and sealed', context, await sealed());
  });
}

/** What a copy of this very source loaded that was killed right after its seal. Throws VolumeSealed of any other volume. */
function loadedBefore(options: LoadAndSealOptions): LoadResult {
  const { stateDir: dir, caPem, label, source } = options;
  const { digest, summary } = readSeal(options);
  const { objects, bytes, load: facts } = summary;
  const isThrough = isReceiptKept(dir, digest, { caPem, jobId: label.jobId });
  if (isThrough || facts.source !== placeOf(source)) throw new WaybillError('VolumeSealed');
  const { skipped, failed, processing } = facts;
  return {
    objects,
    bytes,
    skipped,
    failed,
    processing,
    alreadyDone: objects,
    problems: [],
    problemsFile: join(dir, PROBLEMS_FILE),
  };
}

/** What has to hold before each attempt. */
function checksOf(
  { deviceDir, source }: LoadOptions,
  flags: CopyOptions,
  { payload }: Credentials,
): Checks<'load' | 'verify' | 'seal'> {
  return {
    device: () => checkDeviceDir(deviceDir),
    label: () => checkedLabel(deviceDir, payload),
    source: () => source.kind !== 'store' && checkSource(source, deviceDir),
    consent: () => consentTo(payload.processing, flags),
    unsealed: () => requireUnsealed(deviceDir),
  };
}

function keyRulesOf({ store, storeRules }: ManifestPayload) {
  // The prefix of the destination is put before every key, and counts.
  const { keyBytesMax, objectBytesMax } = storeRules;
  return { keyBytesMax: keyBytesMax - Buffer.byteLength(store.prefix), objectBytesMax };
}

function report(
  result: LoadResult,
  verb: string,
  { output }: Context,
  more: Record<string, unknown>,
): Finished {
  const { objects, bytes, skipped, failed, alreadyDone, problemsFile, processing } = result;
  const kept = processing?.kept ?? 0;
  const problems = skipped + failed > 0 ? [`problems: ${problemsFile}`] : [];
  output.result({
    facts: {
      objects,
      bytes,
      skipped,
      failed,
      alreadyDone,
      problemsFile,
      ...(processing && { processing }),
      ...more,
    },
    lines: [
      `${verb} ${objects} objects, ${formatBytes(bytes)} (${skipped} left out, ${failed} failed)`,
      ...problems,
      ...(processing ? processingLines(processing) : []),
      ...Object.entries(more).map(([name, value]) => `${name}: ${String(value)}`),
    ],
  });
  return failed + kept > 0 ? 1 : 0;
}
