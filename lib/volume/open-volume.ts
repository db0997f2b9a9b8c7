import { invariant } from '../domain/invariant.ts';
import { BagVolume } from './bag/bag-volume.ts';
import { SealedVolume } from './sealed/sealed-volume.ts';
import type { Volume, VolumeSpec } from './volume.ts';

/** Opens a device's volume by its label. */
export function openVolume(spec: VolumeSpec): Volume {
  if (spec.label.kind === 'bag') return new BagVolume(spec.deviceDir, spec.label);
  invariant(spec.jobKey?.length === 32, 'a sealed volume is opened with its job key');
  return new SealedVolume(spec.deviceDir, spec.label, Buffer.from(spec.jobKey));
}
