import { isWaybillError } from '../domain/errors.ts';
import { type DeviceEntry, DeviceFiles } from '../files/device.ts';
import { isTemporary } from '../files/durable.ts';
import { LOCK_PATH, NAME_TRIAL_PATH, VOLUME_DIR } from './layout.ts';

type Kind = DeviceEntry['kind'];

/**
 * What file systems, and the systems that a disk was plugged into, put on it by themselves: ext4; Windows; macOS; Linux
 * desktops. Whatever is in such a folder was deleted, or is an index of what is on the disk.
 */
const SYSTEM_FOLDERS: readonly RegExp[] = [
  /^lost\+found$/,
  /^(System Volume Information|\$RECYCLE\.BIN|RECYCLER|FOUND\.\d{3})$/i,
  /^\.(Spotlight-V100|Trashes|fseventsd|TemporaryItems|DocumentRevisions-V100|PKInstallSandboxManager.*)$/,
  /^\.Trash-\d+$/,
];
const SYSTEM_FILES: readonly RegExp[] = [
  /^(desktop\.ini|thumbs\.db|IndexerVolumeGuid)$/i,
  /^(\.DS_Store|\.localized|\.metadata_never_index|\.VolumeIcon\.icns|\.com\.apple\.timemachine\..*)$/,
  /^\._(\.|Icon)/,
];
/** Cameras make folders without a file. Of more, or deeper ones, nobody says that they are empty. */
const EMPTY_ENTRIES_MAX = 1000;
const EMPTY_DEPTH_MAX = 8;
const SLASH = Buffer.from('/');

/**
 * The first thing on a device that is somebody's: not what a system puts on an empty disk, nor a folder that holds only
 * folders, nor what the caller calls harmless, nor what is left where an agent was killed before it wrote the label, or
 * after it erased it. Undefined when the device is blank. Stops there: a hostile device holds any number of them. Throws
 * DeviceHostile, DeviceIo.
 */
export function contentOf(deviceDir: string, harmless: readonly string[] = []): Buffer | undefined {
  const device = new DeviceFiles(deviceDir);
  for (const { name, kind } of device.entries(undefined)) {
    const text = name.toString('latin1');
    if (text === VOLUME_DIR && kind === 'folder') {
      if (!isLeftover(device)) return name;
    } else if (kind === 'folder' ? !isEmptyFolder(device, name) : !isHarmless(text, kind, harmless))
      return name;
  }
  return undefined;
}

/** Whether there is nothing of anybody on a device: see `contentOf`. */
export const isBlank = (deviceDir: string, harmless: readonly string[] = []): boolean =>
  contentOf(deviceDir, harmless) === undefined;

const isHarmless = (name: string, kind: Kind, harmless: readonly string[]): boolean =>
  kind === 'file' && (harmless.includes(name) || SYSTEM_FILES.some((one) => one.test(name)));

/** A folder of the system's, or one without a file in it. */
function isEmptyFolder(device: DeviceFiles, name: Buffer): boolean {
  if (SYSTEM_FOLDERS.some((one) => one.test(name.toString('latin1')))) return true;
  let entries = 0;
  let level = [name];
  try {
    for (let depth = 0; level.length > 0; depth += 1) {
      const below: Buffer[] = [];
      for (const folder of level)
        for (const { name: own, kind } of device.entries(folder)) {
          entries += 1;
          if (entries > EMPTY_ENTRIES_MAX || depth === EMPTY_DEPTH_MAX) return false;
          if (kind === 'folder') below.push(Buffer.concat([folder, SLASH, own]));
          else if (!isHarmless(own.toString('latin1'), kind, [])) return false;
        }
      level = below;
    }
  } catch (error) {
    // Another file system in its place.
    if (isWaybillError(error, 'DeviceHostile')) return false;
    throw error;
  }
  return true;
}

function isLeftover(device: DeviceFiles): boolean {
  for (const { name, kind } of device.entries(VOLUME_DIR)) {
    const text = name.toString('latin1');
    const path = `${VOLUME_DIR}/${text}`;
    const isOurs = path === LOCK_PATH || isTemporary(text);
    if (path !== NAME_TRIAL_PATH && (kind !== 'file' || !isOurs)) return false;
  }
  return true;
}
