import type { StationCredentials } from '../../lib/api/schemas/work-schemas.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import type { ErasureProof } from '../../lib/transfer/erase/erase.ts';
import { sampleContents } from '../../lib/transfer/verify/sample-contents.ts';
import { type CheckedSeal, readSeal } from '../../lib/transfer/verify/seal.ts';
import type { VolumeSpec } from '../../lib/volume/volume.ts';
import { type DeviceIdentity, identityOf, requireSameDevice } from './device-identity.ts';
import { keyOf, knownSeal, matchLabel } from './station.ts';

/** A device that was proved to be its job's, and how it is known again a moment later. */
export interface ProvedDevice extends ErasureProof {
  identity: DeviceIdentity;
}

/**
 * Proves that a device carries the seal of its job. A label is plain text that anybody can copy; the seal is signed by
 * the job's certificate, and has to be the one that the console knows. It is small and copied in a moment, too: what it
 * names is proved by `proveContents`. Throws what `matchLabel` and `readSeal` throw, SealUnknown, DeviceSwapped.
 */
export function proveDevice(credentials: StationCredentials, deviceDir: string): ProvedDevice {
  return provedSeal(credentials, deviceDir).proved;
}

function provedSeal(credentials: StationCredentials, deviceDir: string) {
  const identity = identityOf(deviceDir);
  const label = matchLabel(credentials, deviceDir);
  const known = knownSeal(credentials);
  const { caCertificatePem: caPem } = credentials;
  const volume: VolumeSpec = { deviceDir, label, jobKey: keyOf(credentials) };
  const seal = readSeal({ ...volume, caPem, known });
  requireSameDevice(deviceDir, identity);
  const proved: ProvedDevice = { identity, volumeId: label.volumeId, sealDigest: seal.digest };
  return { volume, seal, proved };
}

/**
 * Proves besides that the device holds what its seal names. With `isDamageExpected` as much as half of it may be damaged:
 * an import proves each byte, and what it could not read its report says. Throws what `proveDevice` throws, and
 * DeviceUnproved.
 */
export async function proveContents(
  credentials: StationCredentials,
  deviceDir: string,
  { isDamageExpected }: { isDamageExpected: boolean },
): Promise<ProvedDevice> {
  const { volume, seal, proved } = provedSeal(credentials, deviceDir);
  await requireContents(volume, seal, credentials.jobId, isDamageExpected);
  requireSameDevice(deviceDir, proved.identity);
  return proved;
}

async function requireContents(
  volume: VolumeSpec,
  seal: CheckedSeal,
  jobId: string,
  isDamageExpected: boolean,
): Promise<void> {
  const { named, missing, damaged } = await sampleContents(volume, seal);
  const half = Math.floor(named / 2);
  const lost = missing + damaged;
  if (lost === 0) return;
  // Of the only page there is, damage leaves more than nothing.
  if (isDamageExpected && missing <= half && lost <= Math.max(half, 1)) return;
  const detail = `of ${named} pages that its seal names, what belongs to ${missing} is not there, and ${damaged} are damaged`;
  throw new WaybillError('DeviceUnproved', { path: volume.deviceDir, jobId, detail });
}
