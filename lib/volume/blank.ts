import { DeviceFiles } from '../files/device.ts';
import { isTemporary } from '../files/durable.ts';
import { LOCK_PATH, VOLUME_DIR } from './layout.ts';

/**
 * Whether a device holds nothing but what a new file system has, what the caller calls harmless, and what is left where an
 * agent was killed before it wrote the label, or after it erased it. Stops at the first thing that is something else: a
 * hostile device holds any number of them. Throws DeviceHostile, DeviceIo.
 */
export function isBlank(deviceDir: string, harmless: readonly string[] = []): boolean {
  const device = new DeviceFiles(deviceDir);
  for (const { name, kind } of device.entries(undefined)) {
    const text = name.toString('latin1');
    if (kind === 'file' && harmless.includes(text)) continue;
    if (kind !== 'folder') return false;
    if (text === VOLUME_DIR ? !isLeftover(device) : text !== 'lost+found') return false;
  }
  return true;
}

function isLeftover(device: DeviceFiles): boolean {
  for (const { name, kind } of device.entries(VOLUME_DIR)) {
    const text = name.toString('latin1');
    const isOurs = `${VOLUME_DIR}/${text}` === LOCK_PATH || isTemporary(text);
    if (kind !== 'file' || !isOurs) return false;
  }
  return true;
}
