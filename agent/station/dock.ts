import { opendirSync } from 'node:fs';
import { WaybillError } from '../../lib/domain/errors.ts';

/** A dock is a folder on the host in which each folder is a device. What else may lie there is not ours. */

const ENTRIES_MAX = 10_000;
const DEVICES_MAX = 1000;

export interface DockListing {
  /** Names of the devices' folders, sorted. */
  devices: string[];
  /** There is more in the dock than was looked at. */
  isCut: boolean;
}

/** What is in a dock, as far as it is looked at. Throws DeviceNotFound. */
export function listDock(dock: string): DockListing {
  const devices: string[] = [];
  let isCut = false;
  try {
    const folder = opendirSync(dock, { bufferSize: 256 });
    try {
      for (let seen = 0; ; seen += 1) {
        const entry = folder.readSync();
        if (!entry) break;
        isCut = seen === ENTRIES_MAX || devices.length === DEVICES_MAX;
        if (isCut) break;
        if (entry.isDirectory()) devices.push(entry.name);
      }
    } finally {
      folder.closeSync();
    }
  } catch (error) {
    throw new WaybillError('DeviceNotFound', { path: dock, detail: String(error) });
  }
  return { devices: devices.sort(), isCut };
}

/** Which devices carry an id that another one carries, too; by id. */
export function sharedIds(labels: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const byId = new Map<string, Set<string>>();
  for (const [device, ids] of labels) {
    for (const id of ids) byId.set(id, (byId.get(id) ?? new Set()).add(device));
  }
  const shared = [...byId].filter(([, devices]) => devices.size > 1);
  return new Map(shared.map(([id, devices]) => [id, [...devices].sort()]));
}
