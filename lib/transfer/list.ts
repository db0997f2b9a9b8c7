import type { ObjectRecord } from '../volume/records.ts';
import { openVolume, type VolumeSpec } from '../volume/volume.ts';
import { indexForUnload } from '../volume/volume-index.ts';

/** The objects of a volume, sealed or not, page by page. Throws PageDamaged, VolumeInvalid. */
export async function* listVolume(spec: VolumeSpec): AsyncGenerator<ObjectRecord> {
  const volume = openVolume(spec);
  const numbers = volume.pageNumbers();
  const { isLive } = indexForUnload(volume, numbers);
  for (const number of numbers) {
    for (const record of volume.readPage(number).records) {
      if (isLive(number, record)) yield record;
    }
  }
}
