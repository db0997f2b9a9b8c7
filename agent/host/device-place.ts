import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatBytes } from '../../lib/domain/sizes.ts';
import { measureDevice } from './measure-device.ts';

/** Where a device lies, for people: file system, what it is on, model and serial of the disk where the kernel knows them, room. */
export function describeDevicePlace(deviceDir: string): string {
  const { simulated, fileSystem, source, numbers, freeBytes } = measureDevice(deviceDir, {
    simulated: true,
  });
  const disk = diskWords(numbers);
  return [
    simulated ? 'a directory of this host, no device' : `${fileSystem} on ${source}`,
    ...(disk && !simulated ? [disk] : []),
    `${formatBytes(freeBytes)} free`,
  ].join(', ');
}

/** Model and serial of the disk with such a number, by sysfs. */
function diskWords(numbers: string | undefined): string | undefined {
  if (!numbers) return undefined;
  let block: string;
  try {
    block = realpathSync(join('/sys/dev/block', numbers));
  } catch {
    return undefined;
  }
  // A partition lies in the folder of its disk.
  const words = [block, dirname(block)].map((disk) =>
    ['device/model', 'device/serial', 'serial'].flatMap((name) => textOf(join(disk, name))),
  );
  return words.find((found) => found.length > 0)?.join(' ');
}

function textOf(path: string): string[] {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return text === '' ? [] : [text];
  } catch {
    return [];
  }
}
