import { WaybillError } from '../../lib/domain/errors.ts';
import { formatBytes } from '../../lib/domain/sizes.ts';
import { type LoadOptions, type LoadResult, load, preflight } from '../../lib/transfer/load.ts';
import type { SymlinkPolicy } from '../../lib/transfer/scan-tree.ts';
import { type Context, type Finished, stateDir } from '../context.ts';
import { type CredentialOptions, openCredentials } from '../credentials.ts';
import { labelForLoad, withDevice } from '../device.ts';
import { AGENT_VERSION } from '../version.ts';
import { sealAndReceipt } from './seal.ts';
import { verifyBeforeSeal } from './verify.ts';

export interface CopyOptions extends CredentialOptions {
  device: string;
  symlinks: SymlinkPolicy;
  state?: string;
  workers?: number;
  dryRun?: boolean;
  verify: boolean;
  seal: boolean;
  takeOverLock?: boolean;
}

/** Copies a directory to the device of an import: checks, copies, verifies, seals. */
export async function copy(
  source: string,
  options: CopyOptions,
  context: Context,
): Promise<Finished> {
  const { payload, secrets } = await openCredentials(options);
  if (payload.type !== 'import') {
    throw new WaybillError('Usage', {
      detail: 'this job is an export; its device is emptied with: waybill restore',
    });
  }
  return withDevice(options.device, options, async () => {
    const label = labelForLoad(options.device, payload);
    const loadOptions: LoadOptions = {
      ...{ deviceDir: options.device, label, jobKey: secrets.jobKey, sizeBytes: payload.sizeBytes },
      source: { kind: 'tree', root: source, symlinks: options.symlinks },
      keyRules: keyRulesOf(payload),
      stateDir: stateDir(payload.jobId, options.state),
      agentVersion: AGENT_VERSION,
      workers: options.workers,
      signal: context.signal,
      onEvent: context.output.event,
    };
    if (options.dryRun) return report(await preflight(loadOptions), 'would copy', context, {});
    const loaded = await load(loadOptions);
    if (options.verify) await verifyBeforeSeal(loadOptions, context);
    if (!options.seal) return report(loaded, 'copied', context, {});
    const sealed = await sealAndReceipt({ ...loadOptions, signer: secrets.signer }, context);
    return report(loaded, 'copied and sealed', context, sealed);
  });
}

function keyRulesOf(payload: {
  store: { prefix: string };
  storeRules: { keyBytesMax: number; objectBytesMax: number };
}) {
  // The prefix of the destination is put before every key, and counts.
  const { keyBytesMax, objectBytesMax } = payload.storeRules;
  return { keyBytesMax: keyBytesMax - Buffer.byteLength(payload.store.prefix), objectBytesMax };
}

function report(
  result: LoadResult,
  verb: string,
  { output }: Context,
  more: Record<string, unknown>,
): Finished {
  const { objects, bytes, skipped, failed, alreadyDone, problemsFile } = result;
  const problems = skipped + failed > 0 ? [`problems: ${problemsFile}`] : [];
  output.result({
    facts: { objects, bytes, skipped, failed, alreadyDone, problemsFile, ...more },
    lines: [
      `${verb} ${objects} objects, ${formatBytes(bytes)} (${skipped} left out, ${failed} failed)`,
      ...problems,
      ...Object.entries(more).map(([name, value]) => `${name}: ${String(value)}`),
    ],
  });
  return failed > 0 ? 1 : 0;
}
