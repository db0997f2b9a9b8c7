import { isWaybillError } from '../../domain/errors.ts';
import { DeviceFiles } from '../../files/device.ts';
import { PARITY_DIR } from '../../volume/layout.ts';
import { repairVolume } from '../verify/repair.ts';
import { restoreCopies } from '../verify/restore-copies.ts';
import { type UnloadOptions, type UnloadResult, unload } from './unload.ts';

/** What a device that cannot be changed, or has nothing left to restore from, costs: what could be read has been. */
const KEPT_AS_IT_IS = ['DeviceReadOnly', 'DeviceFull', 'VolumeNotVerified'] as const;

export interface RepairedUnload extends UnloadResult {
  /** Files that were restored, relative to the device. */
  repaired: string[];
  /** Why damage that was found was left. */
  unrepaired?: string | undefined;
}

/**
 * Unloads a volume, and where something of it is damaged and it carries parity, restores that and unloads the
 * rest. Label and seal are put right in all their places. Throws as `unload`.
 */
export async function unloadRepaired(options: UnloadOptions): Promise<RepairedUnload> {
  const first = await unload(options);
  const repaired: string[] = [];
  try {
    // The seal has been verified: nothing is written to a device before.
    repaired.push(...restoreCopies(options));
    if (!first.damaged || !new DeviceFiles(options.deviceDir).entry(PARITY_DIR))
      return { ...first, repaired };
    const restored = (await repairVolume(options)).repaired;
    repaired.push(...restored);
    return { ...(restored.length > 0 ? await unload(options) : first), repaired };
  } catch (error) {
    if (!isWaybillError(error, ...KEPT_AS_IT_IS)) throw error;
    const unrepaired = `${error.message}; ${error.next}`;
    return { ...first, repaired, ...(first.damaged ? { unrepaired } : {}) };
  }
}
