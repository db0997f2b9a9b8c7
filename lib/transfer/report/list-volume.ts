import { isWaybillError } from '../../domain/errors.ts';
import type { ObjectRecord } from '../../volume/catalog/records.ts';
import { countedIn } from '../../volume/index/live-records.ts';
import { indexForUnload } from '../../volume/index/unload-index.ts';
import { isSealed } from '../../volume/label.ts';
import { openVolume } from '../../volume/open-volume.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import { type CheckedSeal, readSeal } from '../verify/seal.ts';
import { comparePages } from '../verify/sealed-pages.ts';

/**
 * The objects of a volume, page by page: of a sealed one those that its seal names, with damaged pages left out and given
 * to `onDamaged`. Throws PageDamaged, VolumeInvalid, SealSuperseded.
 */
export async function* listVolume(
  spec: VolumeSpec & { caPem?: string | undefined; onDamaged?: (page: number) => void },
): AsyncGenerator<ObjectRecord> {
  const volume = openVolume(spec);
  const { onDamaged } = spec;
  const seal = sealOf(spec);
  if (!seal) {
    const numbers = volume.pageNumbers();
    const { isLive } = indexForUnload(volume, numbers);
    for (const number of numbers) {
      for (const record of volume.readPage(number).records) {
        if (isLive(number, record)) yield record;
      }
    }
    return;
  }
  const damaged = new Set(comparePages(volume, seal).damaged);
  for (const { page, replaced } of seal.pages) {
    try {
      if (!damaged.has(page)) yield* countedIn(volume.openPage(page), replaced);
      else onDamaged?.(page);
    } catch (error) {
      if (!isWaybillError(error, 'PageDamaged')) throw error;
      onDamaged?.(page);
    }
  }
}

/** The seal that verifies. Without one the catalog itself is listed: a list proves nothing, and may be all that can be saved. */
function sealOf(spec: VolumeSpec & { caPem?: string | undefined }): CheckedSeal | undefined {
  const { caPem, deviceDir } = spec;
  if (caPem === undefined || !isSealed(deviceDir)) return undefined;
  try {
    return readSeal({ ...spec, caPem });
  } catch (error) {
    if (isWaybillError(error, 'SignatureInvalid', 'VolumeInvalid', 'WrongJobDevice'))
      return undefined;
    throw error;
  }
}
