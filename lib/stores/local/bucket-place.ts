import { join } from 'node:path';
import { WaybillError } from '../../domain/errors.ts';
import { refusalFacts } from '../../domain/store-refusals.ts';
import { lstatOf } from '../../files/file-access.ts';
import { onStore } from '../store-errors.ts';
import type { FolderSpec } from '../store-spec.ts';
import { MARKER_FILE, readMarker } from './bucket-marker.ts';

/**
 * Whether a bucket's directory is still the bucket: what was unmounted leaves an empty directory behind, and another device
 * may be mounted there now. Nothing is written to either.
 */
export class BucketPlace {
  readonly dir: string;
  readonly #bucket: string;
  readonly #marker: string | undefined;
  /** What the directory was when it was looked at last. */
  #seen: { dev: bigint; ino: bigint } | undefined;

  constructor({ root, bucket, marker }: FolderSpec) {
    this.dir = join(root, bucket);
    this.#bucket = bucket;
    this.#marker = marker;
  }

  /** Its device, once it was looked at. */
  get device(): bigint | undefined {
    return this.#seen?.dev;
  }

  /**
   * Throws BucketNotFound; of a bucket whose marker is known StoreRefuses when it is not there; StoreUnavailable when it has
   * become another directory.
   */
  require(): void {
    const stat = onStore(() => lstatOf(this.dir));
    const isDirectory = stat?.isDirectory() === true;
    const isSame = stat?.dev === this.#seen?.dev && stat?.ino === this.#seen?.ino;
    if (stat && isDirectory && isSame) return;
    if (this.#marker !== undefined) this.#requireMarker();
    else if (this.#seen)
      throw new WaybillError('StoreUnavailable', { detail: 'another device is in its place' });
    else if (!isDirectory) throw new WaybillError('BucketNotFound', { bucket: this.#bucket });
    // A network file system that is mounted again has another number.
    if (stat) this.#seen = { dev: stat.dev, ino: stat.ino };
  }

  /** As `require`, and looks at the marker again: another device can have the numbers of the one before it. */
  requireAnew(): void {
    if (this.#marker !== undefined) this.#seen = undefined;
    this.require();
  }

  #requireMarker(): void {
    const isDirectory = onStore(() => lstatOf(this.dir))?.isDirectory();
    const found = isDirectory ? readMarker(this.dir) : undefined;
    if (found === this.#marker) return;
    const path = join(this.dir, MARKER_FILE);
    const detail = found === undefined ? `there is no ${path}` : `${path} is of another bucket`;
    throw new WaybillError('StoreRefuses', refusalFacts('not-mounted', detail));
  }
}
