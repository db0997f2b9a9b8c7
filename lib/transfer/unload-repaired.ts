import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isWaybillError } from '../domain/errors.ts';
import { type Label, readLabel } from '../volume/label.ts';
import { PARITY_DIR } from '../volume/layout.ts';
import { repairSmallFiles, repairVolume } from './repair.ts';
import { type UnloadOptions, type UnloadResult, unload } from './unload.ts';

/** The label of a device; one that is missing or damaged comes back from its copy. Throws as `readLabel`. */
export function readLabelRepaired(deviceDir: string): Label {
  try {
    return readLabel(deviceDir);
  } catch (error) {
    if (!isWaybillError(error, 'DeviceNotPrepared', 'LabelInvalid')) throw error;
    if (repairSmallFiles(deviceDir).length === 0) throw error;
    return readLabel(deviceDir);
  }
}

/**
 * Unloads a volume, and where something of it is damaged and it carries parity, restores that and unloads the
 * rest. `repaired` names the files that were restored. Throws as `unload`.
 */
export async function unloadRepaired(
  options: UnloadOptions,
): Promise<UnloadResult & { repaired: string[] }> {
  const repaired: string[] = [];
  const first = await unload(options).catch((error: unknown) => {
    if (!isWaybillError(error, 'VolumeNotSealed', 'SignatureInvalid', 'VolumeInvalid')) throw error;
    repaired.push(...repairSmallFiles(options.deviceDir));
    if (repaired.length === 0) throw error;
    return unload(options);
  });
  if (!first.damaged || !existsSync(join(options.deviceDir, PARITY_DIR)))
    return { ...first, repaired };
  try {
    repaired.push(...(await repairVolume(options)).repaired);
  } catch (error) {
    // A device that cannot be written to, or whose parity is gone too: what could be read has been.
    if (!isWaybillError(error, 'DeviceReadOnly', 'DeviceFull', 'VolumeNotVerified')) throw error;
    return { ...first, repaired };
  }
  return { ...(repaired.length > 0 ? await unload(options) : first), repaired };
}
