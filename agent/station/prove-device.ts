import type { StationCredentials } from '../../lib/api/schemas/work-schemas.ts';
import type { ErasureProof } from '../../lib/transfer/erase.ts';
import { readSeal } from '../../lib/transfer/seal.ts';
import { type DeviceIdentity, identityOf, requireSameDevice } from './device-identity.ts';
import { keyOf, knownSeal, matchLabel } from './station.ts';

/** A device that was proved to be its job's, and how it is known again a moment later. */
export interface ProvedDevice extends ErasureProof {
  identity: DeviceIdentity;
}

/**
 * Proves that a device is the one that its job sealed. A label is plain text that anybody can copy; the seal is
 * signed by the job's certificate, and has to be the one that the console knows. Throws what `matchLabel` and
 * `readSeal` throw, SealUnknown, DeviceSwapped.
 */
export function proveDevice(credentials: StationCredentials, deviceDir: string): ProvedDevice {
  const identity = identityOf(deviceDir);
  const label = matchLabel(credentials, deviceDir);
  const known = knownSeal(credentials);
  const { caCertificatePem: caPem } = credentials;
  const jobKey = keyOf(credentials);
  const { digest } = readSeal({ deviceDir, label, jobKey, caPem, known });
  requireSameDevice(deviceDir, identity);
  return { identity, volumeId: label.volumeId, sealDigest: digest };
}
