import { isWaybillError } from '../../domain/errors.ts';
import { DeviceFiles } from '../../files/device.ts';
import { NAME_TRIAL_PATH, VOLUME_DIR } from '../layout.ts';
import { askNaming, type DeviceNaming, foldedName, folds, nameProblem } from './device-naming.ts';
import { PAYLOAD_DIR } from './tags.ts';

/**
 * Learns what a device's file system makes of names, in a folder that is removed again. Throws DeviceReadOnly, DeviceFull,
 * DeviceIo.
 */
export function namingOf(deviceDir: string): DeviceNaming {
  const device = new DeviceFiles(deviceDir);
  device.makeFolder(VOLUME_DIR);
  try {
    return device.tryNames(NAME_TRIAL_PATH, askNaming);
  } finally {
    device.removeIfEmpty(VOLUME_DIR);
  }
}

/** The names in a folder of a bag's payload, which is given as a path that ends in a slash; none where it is no folder. */
export function* namesOnDevice(deviceDir: string, folder: string): Generator<string> {
  const path = `${PAYLOAD_DIR}/${folder}`.slice(0, -1);
  try {
    for (const { name } of new DeviceFiles(deviceDir).entries(path)) yield name.toString('utf8');
  } catch (error) {
    // What lies in its place is told where the object is written.
    if (!isWaybillError(error, 'DeviceHostile')) throw error;
  }
}

/** Why a device cannot hold a path. */
export type PathProblem =
  | { code: 'DeviceNameRefused'; facts: { detail: string } }
  | { code: 'DeviceNameClash'; facts: { other: string } };

interface OpenFolder {
  name: string;
  /** Ends in a slash, but for the root's. */
  path: string;
  /** By what they are to the file system. */
  names: Map<string, string>;
  /** The same of those that were on the device before. */
  held: Map<string, string>;
}

/**
 * Looks at the paths of a source, each folder's together: what a device's file system cannot keep, and what it takes for
 * another. Of those the first stays, or the one that is on the device. Memory grows with the largest folder.
 */
export class DeviceNames {
  readonly #naming: DeviceNaming;
  readonly #namesOnDevice: (folder: string) => Iterable<string>;
  readonly #open: OpenFolder[] = [];

  constructor(naming: DeviceNaming, onDevice: (folder: string) => Iterable<string>) {
    this.#naming = naming;
    this.#namesOnDevice = onDevice;
  }

  /** What is wrong with a path in UTF-8; undefined when it can be kept. */
  problemOf(key: Uint8Array): PathProblem | undefined {
    const path = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('utf8');
    const names = (path.endsWith('/') ? path.slice(0, -1) : path).split('/');
    for (const name of names) {
      const detail = nameProblem(name, this.#naming);
      if (detail) return { code: 'DeviceNameRefused', facts: { detail } };
    }
    const other = folds(this.#naming) ? this.#otherOf(names) : undefined;
    return other === undefined ? undefined : { code: 'DeviceNameClash', facts: { other } };
  }

  #otherOf(path: readonly string[]): string | undefined {
    for (const [depth, name] of path.entries()) {
      const folder = this.#folder(depth, path);
      const folded = foldedName(name, this.#naming);
      const other = folder.names.get(folded) ?? this.#heldAs(folder, folded, name);
      if (other !== undefined && other !== name) return `${folder.path}${other}`;
      folder.names.set(folded, name);
    }
    return undefined;
  }

  /** What is on the device under another name; in another normal form it is the same one. */
  #heldAs({ held }: OpenFolder, folded: string, name: string): string | undefined {
    const other = held.get(folded);
    return other?.normalize('NFC') === name.normalize('NFC') ? undefined : other;
  }

  /** The folder that a name of a path lies in. Those that are left are forgotten: a scan does not come back. */
  #folder(depth: number, path: readonly string[]): OpenFolder {
    const name = depth === 0 ? '' : (path[depth - 1] as string);
    const known = this.#open[depth];
    if (known?.name === name) return known;
    const above = this.#open[depth - 1];
    const at = above ? `${above.path}${name}/` : '';
    const held = [...this.#namesOnDevice(at)].map(
      (one) => [foldedName(one, this.#naming), one] as const,
    );
    const folder = { name, path: at, names: new Map<string, string>(), held: new Map(held) };
    this.#open.splice(depth, Number.POSITIVE_INFINITY, folder);
    return folder;
  }
}
