import { createClient } from '../../lib/api/client.ts';
import { isWaybillError } from '../../lib/domain/errors.ts';
import { readSealReceipt } from '../../lib/keys/seal-receipt.ts';
import { type KnownState, requireLatestSeal } from '../../lib/transfer/verify/verify-seal.ts';
import { isSealed } from '../../lib/volume/label.ts';
import { type Context, RECEIPT_FILE } from '../host/context.ts';
import type { Credentials } from '../host/credentials.ts';
import { checkedLabel } from '../host/device.ts';
import { readState } from '../host/state-errors.ts';
import { consoleOfManifest } from './reporter.ts';

/** Nobody waits long for a console that a site cannot reach. */
const ASK_WITHIN_MS = 5000;

/**
 * What this host and the manifest's console know of a job's seal. A console that cannot be asked is no error, and
 * people are told.
 */
export async function knownStates(
  credentials: Credentials,
  stateDir: string,
  context: Context,
): Promise<KnownState[]> {
  const ofHost = hostState(credentials, stateDir);
  const ofConsole = await consoleState(credentials, context);
  return [ofHost, ofConsole].filter((state) => state !== undefined);
}

/** As `requireLatest`, of a device that is to be emptied: a seal that is known and gone was not forgotten. Throws SealMissing, too. */
export async function requireSealKept(
  ...[deviceDir, credentials, stateDir, context]: Parameters<typeof requireLatest>
): Promise<void> {
  const { payload, secrets } = credentials;
  requireLatestSeal({
    deviceDir,
    label: checkedLabel(deviceDir, payload),
    jobKey: secrets.jobKey,
    caPem: payload.caCertificatePem,
    knownStates: await knownStates(credentials, stateDir, context),
  });
}

/** Holds that a device is not an earlier state than this host and the console know. Throws SealSuperseded. */
export async function requireLatest(
  deviceDir: string,
  credentials: Credentials,
  stateDir: string,
  context: Context,
): Promise<void> {
  if (!isSealed(deviceDir)) return;
  await requireSealKept(deviceDir, credentials, stateDir, context);
}

function hostState({ payload }: Credentials, stateDir: string): KnownState | undefined {
  const kept = readState(stateDir, RECEIPT_FILE);
  if (!kept) return undefined;
  // The certificate was valid when the receipt was written; it need not be any more.
  const { content, mtime: now } = kept;
  try {
    const { jobId, caCertificatePem: caPem } = payload;
    const { sealDigest, sealedAt } = readSealReceipt(content, { caPem, jobId, now });
    return { by: 'this host', sealDigest, sealedAt };
  } catch (error) {
    if (isWaybillError(error, 'SealReceiptInvalid')) return undefined;
    throw error;
  }
}

async function consoleState(
  credentials: Credentials,
  { output, signal }: Context,
): Promise<KnownState | undefined> {
  const console = consoleOfManifest(credentials);
  if (!console) return undefined;
  const { url, token, jobId } = console;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ASK_WITHIN_MS)]);
  try {
    const client = createClient({ baseUrl: url, token });
    const { seal } = await client.call('getJob', { params: { jobId }, signal: limit });
    return seal
      ? { by: 'the console', sealDigest: seal.sealDigest, sealedAt: seal.sealedAt }
      : undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    const why = isWaybillError(error) ? error.message : 'it does not answer';
    output.note(`note: the console could not be asked for the seal that it knows: ${why}`);
    return undefined;
  }
}
