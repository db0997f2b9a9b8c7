import { readFileSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DeviceMeasure } from '../../lib/domain/devices.ts';
import { isWaybillError, WaybillError } from '../../lib/domain/errors.ts';

/** What a host has mounted at a place (proc(5), /proc/PID/mountinfo). */
export interface Mount {
  /** `MAJOR:MINOR` of its block device; 0 as major when it has none. */
  numbers: string;
  /** The folder of its file system that is shown: `/` but for bind mounts and subvolumes. */
  root: string;
  point: string;
  fileSystem: string;
  source: string;
}

/** File systems that are in the memory of the host, or put together of others: what is written there travels nowhere. */
const NO_DEVICES = ['tmpfs', 'ramfs', 'overlay', 'rootfs', 'proc', 'sysfs', 'devtmpfs', 'squashfs'];
/** Their mounts show a subvolume, which has a name like a folder. */
const WITH_SUBVOLUMES = ['btrfs', 'bcachefs'];
const SECTOR_BYTES = 512;

/**
 * Measures a device and makes sure that it is one: that a file system of its own is mounted there. A folder of the
 * host, also when it is shown elsewhere by a bind mount, has no size of its own and travels nowhere; as a stand-in
 * for trials it is accepted where devices may be `simulated`. Throws DeviceNotMounted, DeviceNotFound.
 */
export function measureDevice(
  deviceDir: string,
  { simulated = false }: { simulated?: boolean | undefined } = {},
): DeviceMeasure & { numbers: string | undefined } {
  const path = realPath(deviceDir);
  const mounts = process.platform === 'linux' ? readMounts() : undefined;
  const detail = mounts ? mountProblem(mounts, path) : parentProblem(path);
  if (detail && !simulated) throw new WaybillError('DeviceNotMounted', { path: deviceDir, detail });
  const mount = mounts && mountAround(mounts, path);
  const { blocks, bavail, bsize } = statfsSync(path);
  const ownBytes = detail ? 0 : blockDeviceBytes(mount);
  return {
    simulated: detail !== undefined,
    // A file system keeps some of its device for itself; what it was sold as is the device's size.
    sizeBytes: Math.max(blocks * bsize, ownBytes),
    freeBytes: bavail * bsize,
    fileSystem: mount?.fileSystem ?? '',
    source: mount?.source ?? '',
    numbers: mount?.numbers,
  };
}

/** As `measureDevice`, undefined where there is no device. */
export function measureIfMounted(
  deviceDir: string,
  options: { simulated?: boolean | undefined },
): DeviceMeasure | undefined {
  try {
    return measureDevice(deviceDir, options);
  } catch (error) {
    if (isWaybillError(error, 'DeviceNotMounted', 'DeviceNotFound')) return undefined;
    throw error;
  }
}

function realPath(deviceDir: string): string {
  try {
    const path = realpathSync(deviceDir);
    if (statSync(path).isDirectory()) return path;
  } catch (error) {
    throw new WaybillError('DeviceNotFound', { path: deviceDir, detail: String(error) });
  }
  throw new WaybillError('DeviceNotFound', { path: deviceDir, detail: 'it is no directory' });
}

const readMounts = (): Mount[] => parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'));

/** The lines of mountinfo; of several mounts at one point the last one counts. */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , numbers, root, point] = before.split(' ');
    const [fileSystem, source] = after.split(' ');
    if (!numbers || !root || !point || !fileSystem) return [];
    return [
      {
        numbers,
        root: unescaped(root),
        point: unescaped(point),
        fileSystem,
        source: unescaped(source ?? ''),
      },
    ];
  });
}

/** Spaces and the like are octal there. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );

/** Why a directory is no device of its own; undefined when it is one. */
export function mountProblem(mounts: readonly Mount[], path: string): string | undefined {
  const mount = mounts.findLast(({ point }) => point === path);
  if (!mount) {
    const around = mountAround(mounts, path)?.point ?? '/';
    return `it is a folder of what is mounted at ${around}`;
  }
  if (path === '/') return 'it is the root of the host';
  if (NO_DEVICES.includes(mount.fileSystem)) return `${mount.fileSystem} is no medium`;
  const { root, fileSystem, numbers } = mount;
  const hostsOwn = mounts.findLast(({ point }) => point === '/');
  if (numbers === hostsOwn?.numbers) return 'it shows the root file system of the host';
  if (root !== '/' && !WITH_SUBVOLUMES.includes(fileSystem))
    return `it shows the folder ${root} of another file system`;
  return undefined;
}

function mountAround(mounts: readonly Mount[], path: string): Mount | undefined {
  for (let at = path; ; at = dirname(at)) {
    const mount = mounts.findLast(({ point }) => point === at);
    if (mount || at === '/') return mount;
  }
}

/** Where the host does not list its mounts: another file system than the folder around it. */
function parentProblem(path: string): string | undefined {
  return statSync(path).dev === statSync(dirname(path)).dev
    ? 'it is a folder of the file system around it'
    : undefined;
}

/** Of the disk, partition or array that is mounted; 0 when it is none that the kernel knows. */
function blockDeviceBytes(mount: Mount | undefined): number {
  if (!mount || mount.numbers.startsWith('0:')) return 0;
  try {
    const sectors = Number(readFileSync(`/sys/dev/block/${mount.numbers}/size`, 'utf8'));
    return Number.isFinite(sectors) ? sectors * SECTOR_BYTES : 0;
  } catch {
    return 0;
  }
}
