import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What Linux says of the block device behind a directory (proc(5): mountinfo; sysfs). Nothing here changes anything. */
export interface BlockDevice {
  /** What is mounted: a partition or a whole disk, such as /dev/sdb1. */
  source: string;
  /** The whole disk, such as /dev/sdb. */
  disk: string;
  serial: string | undefined;
  model: string | undefined;
  /** Of what is mounted. */
  bytes: number;
}

interface Mount {
  /** Major and minor number, "8:17". */
  number: string;
  point: string;
}

/** mountinfo writes blanks and such as three octal digits. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );

function mounts(): Mount[] {
  return contentOf('/proc/self/mountinfo')
    .split('\n')
    .flatMap((line) => {
      const [, , number, , point] = line.split(' ');
      return number && point ? [{ number, point: unescaped(point) }] : [];
    });
}

/** The block device that is mounted at a directory; undefined where the directory is no mount of one. */
export function blockDeviceAt(deviceDir: string): BlockDevice | undefined {
  const point = pathOf(deviceDir);
  const mount = mounts().findLast((one) => one.point === point);
  return mount && describe(mount.number);
}

/** What is known of a block device by its name; undefined where it is none. */
export function blockDeviceNamed(path: string): BlockDevice | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isBlockDevice() ? describe(numberOf(found.rdev)) : undefined;
}

function describe(number: string): BlockDevice | undefined {
  const folder = sysFolder(number);
  if (!folder) return undefined;
  const disk = diskFolder(folder);
  return {
    source: nodeOf(folder),
    disk: nodeOf(disk),
    serial: firstOf([join(disk, 'device/serial'), join(disk, 'serial'), join(disk, 'device/wwid')]),
    model: firstOf([join(disk, 'device/model')]),
    bytes: Number(contentOf(join(folder, 'size'))) * SECTOR_BYTES,
  };
}

/** Whether two paths are the same block device. */
export function isSameBlockDevice(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return Boolean(a?.isBlockDevice() && b?.isBlockDevice() && a.rdev === b.rdev);
}

/** What else uses a disk or a part of it, beside the mount at a directory: mount points, arrays, mappings, swap. */
export function otherUses(disk: string, deviceDir?: string): string[] {
  const own = deviceDir === undefined ? undefined : pathOf(deviceDir);
  const found = statSync(disk, { throwIfNoEntry: false });
  const folder = found?.isBlockDevice() ? sysFolder(numberOf(found.rdev)) : undefined;
  if (!folder) return [];
  const parts = [folder, ...partsOf(folder)];
  const numbers = new Set(parts.map((part) => contentOf(join(part, 'dev')).trim()));
  const mounted = mounts().filter(({ number, point }) => numbers.has(number) && point !== own);
  const held = parts.flatMap((part) => namesIn(join(part, 'holders')));
  const nodes = new Set(parts.map(nodeOf));
  const swaps = contentOf('/proc/swaps')
    .split('\n')
    .flatMap((line) => line.split(/\s/)[0] ?? [])
    .filter((path) => nodes.has(path));
  return [
    ...mounted.map(({ point }) => `mounted at ${point}`),
    ...held.map((name) => `used by ${name}`),
    ...swaps.map(() => 'used as swap'),
  ];
}

/** How a disk is spoken to. */
export function transportOf(disk: string): 'nvme' | 'ata' | 'scsi' | 'other' {
  const name = basename(disk);
  if (name.startsWith('nvme')) return 'nvme';
  if (!name.startsWith('sd')) return 'other';
  return contentOf(`/sys/block/${name}/device/vendor`).trim() === 'ATA' ? 'ata' : 'scsi';
}

/** Device numbers as glibc packs them (makedev(3)). */
const numberOf = (rdev: number): string => {
  const packed = BigInt(rdev);
  const major = ((packed >> 8n) & 0xfffn) | ((packed >> 32n) & 0xfffff000n);
  const minor = (packed & 0xffn) | ((packed >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
};

/** The folder of sysfs that describes a device; undefined for what is no block device, such as tmpfs. */
function sysFolder(number: string): string | undefined {
  try {
    return realpathSync(`/sys/dev/block/${number}`);
  } catch {
    return undefined;
  }
}

/** sysfs counts sectors of this size, whatever the drive has. */
const SECTOR_BYTES = 512;

const isPart = (folder: string): boolean => contentOf(join(folder, 'partition')) !== '';
const diskFolder = (folder: string): string => (isPart(folder) ? dirname(folder) : folder);
const nodeOf = (folder: string): string => `/dev/${basename(folder).replaceAll('!', '/')}`;
const partsOf = (folder: string): string[] =>
  namesIn(folder)
    .map((name) => join(folder, name))
    .filter(isPart);

function pathOf(dir: string): string {
  try {
    return realpathSync(dir);
  } catch {
    return dir;
  }
}

const firstOf = (files: string[]): string | undefined =>
  files.map((file) => contentOf(file).trim().slice(0, 100)).find((text) => text !== '');

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
