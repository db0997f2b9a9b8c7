import type { StationCredentials } from '../../lib/api/schemas/work-schemas.ts';
import { WaybillError } from '../../lib/domain/errors.ts';
import type { ErasureProof } from '../../lib/transfer/erase.ts';
import { type CheckedSeal, readSeal } from '../../lib/transfer/seal.ts';
import { openVolume, type VolumeSpec } from '../../lib/volume/volume.ts';
import { type DeviceIdentity, identityOf, requireSameDevice } from './device-identity.ts';
import { keyOf, knownSeal, matchLabel } from './station.ts';

/** A device that was proved to be its job's, and how it is known again a moment later. */
export interface ProvedDevice extends ErasureProof {
  identity: DeviceIdentity;
}

/**
 * Proves that a device is the one that its job sealed. A label is plain text that anybody can copy; the seal is
 * signed by the job's certificate, and has to be the one that the console knows. Both are small and copied in a
 * moment, so most of what the seal names has to be there, too, unless the device is being erased. Throws what
 * `matchLabel` and `readSeal` throw, SealUnknown, DeviceUnproved, DeviceSwapped.
 */
export function proveDevice(
  credentials: StationCredentials,
  deviceDir: string,
  { isBeingErased = false }: { isBeingErased?: boolean } = {},
): ProvedDevice {
  const identity = identityOf(deviceDir);
  const label = matchLabel(credentials, deviceDir);
  const known = knownSeal(credentials);
  const { caCertificatePem: caPem } = credentials;
  const jobKey = keyOf(credentials);
  const volume = { deviceDir, label, jobKey };
  const { digest, pages } = readSeal({ ...volume, caPem, known });
  if (!isBeingErased) requireContents(volume, credentials, pages);
  requireSameDevice(deviceDir, identity);
  return { identity, volumeId: label.volumeId, sealDigest: digest };
}

/** Looks at names alone: whether the bytes are right, an import proves. */
function requireContents(
  volume: VolumeSpec,
  { jobId }: StationCredentials,
  pages: CheckedSeal['pages'],
): void {
  const onDevice = new Set(openVolume(volume).pageNumbers());
  const there = pages.filter(({ page }) => onDevice.has(page)).length;
  if (there >= pages.length / 2) return;
  const detail = `its seal names ${pages.length} pages of the catalog, and ${there} of them are there`;
  throw new WaybillError('DeviceUnproved', { path: volume.deviceDir, jobId, detail });
}
