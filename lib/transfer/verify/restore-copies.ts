import { isWaybillError } from '../../domain/errors.ts';
import { DeviceFiles } from '../../files/device.ts';
import { HOMES, placesUnlike, readStart, type SmallFile, writeCopy } from '../../volume/copies.ts';
import { hasLabel, isSealed, labelBytes } from '../../volume/label.ts';
import { SEAL_BYTES_MAX } from '../../volume/layout.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import { type CheckedSeal, readSeal } from './seal.ts';

/**
 * Label and seal on a device: the places where they are not as they should be, with the bytes that belong there.
 * `seal` has been checked; undefined of a volume that is not sealed.
 */
export function damagedCopies(
  { deviceDir, label }: VolumeSpec,
  seal: CheckedSeal | undefined,
): { path: string; content: Buffer }[] {
  // Volumes of earlier versions have one of each; there is nothing to miss.
  const wanted = (path: string) =>
    (seal && seal.summary.copies !== undefined) ||
    path.startsWith(`${HOMES[0]}/label.json`) ||
    path.startsWith(`${HOMES[0]}/seal.`);
  // The tag manifest of a bag has the digest of its label, which only a copy of it has.
  const canMakeLabel = label.kind === 'sealed' || hasLabel(deviceDir, label);
  const all: [SmallFile, Buffer | undefined][] = [
    ['label.json', canMakeLabel ? labelBytes(deviceDir, label) : undefined],
    ['seal.bin', seal && readStart(new DeviceFiles(deviceDir), seal.bodyPath, SEAL_BYTES_MAX)],
    ['seal.cms', seal?.signature],
  ];
  return all.flatMap(([file, content]) =>
    content
      ? placesUnlike(deviceDir, file, content)
          .filter(wanted)
          .map((path) => ({ path, content }))
      : [],
  );
}

/**
 * Writes label and seal where they are missing or damaged. Nothing is written before the copy that it comes from has
 * been verified. Returns the paths. Throws DeviceReadOnly, DeviceFull, DeviceIo.
 */
export function restoreCopies(
  options: VolumeSpec & { caPem: string },
  seal = sealOf(options),
): string[] {
  const device = new DeviceFiles(options.deviceDir);
  const damaged = damagedCopies(options, seal);
  for (const { path, content } of damaged) writeCopy(device, path, content);
  return damaged.map(({ path }) => path);
}

/**
 * Ends a sealing that was cut off after its first signature: the volume is sealed then, but not in all places. Returns the
 * seal. Throws as `readSeal`, DeviceReadOnly, DeviceFull, DeviceIo.
 */
export function completeSeal(options: VolumeSpec & { caPem: string }): CheckedSeal {
  const seal = readSeal(options);
  restoreCopies(options, seal);
  const device = new DeviceFiles(options.deviceDir);
  for (const dir of HOMES) device.removeTemporaries(dir);
  return seal;
}

/** The seal that verifies, if there is one. */
function sealOf(options: VolumeSpec & { caPem: string }): CheckedSeal | undefined {
  if (!isSealed(options.deviceDir)) return undefined;
  try {
    return readSeal(options);
  } catch (error) {
    if (!isWaybillError(error, 'SignatureInvalid', 'VolumeInvalid', 'WrongJobDevice')) throw error;
    return undefined;
  }
}
