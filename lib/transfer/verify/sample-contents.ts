import { countedIn } from '../../volume/index/live-records.ts';
import { openVolume } from '../../volume/open-volume.ts';
import type { VolumeSpec } from '../../volume/volume.ts';
import type { CheckedSeal } from './seal.ts';
import { comparePages } from './sealed-pages.ts';

/** How much of what a seal names is on a device. Counts pages, each with what it describes. */
export interface ContentsFound {
  named: number;
  /** What a page describes is not there, or shorter than it should be. */
  missing: number;
  /** A page is not what the seal says, or a piece of its bytes is not what it should be. */
  damaged: number;
}

/** How many pieces of the bytes are looked at, over all pages. */
const PIECES = 64;

/**
 * Compares a device with its seal without reading all of it: every page by its digest, every segment and payload file
 * by its size, and pieces chosen at random by their bytes. What holds hardly any of the data is found out for sure; a single
 * damage is not. Throws SealSuperseded, DeviceHostile.
 */
export async function sampleContents(spec: VolumeSpec, seal: CheckedSeal): Promise<ContentsFound> {
  const volume = openVolume(spec);
  const damaged = new Set(comparePages(volume, seal).damaged);
  const looked = chosen(seal.pages.map(({ page }) => page));
  const pieces = Math.ceil(PIECES / Math.max(1, looked.size));
  const found: ContentsFound = { named: seal.pages.length, missing: 0, damaged: 0 };
  for (const { page, replaced } of seal.pages) {
    const opened = damaged.has(page) ? undefined : volume.openPage(page);
    const counted = opened && { ...opened, records: countedIn(opened, replaced) };
    const state = volume.probe(page, counted, looked.has(page) ? pieces : 0);
    if (state === 'missing') found.missing += 1;
    if (state === 'damaged') found.damaged += 1;
    await new Promise(setImmediate);
  }
  return found;
}

/** So many at random, without one twice. */
function chosen(numbers: number[]): Set<number> {
  const left = [...numbers];
  const taken = new Set<number>();
  while (taken.size < PIECES && left.length > 0) {
    const at = Math.floor(Math.random() * left.length);
    taken.add(left[at] as number);
    left[at] = left.at(-1) as number;
    left.pop();
  }
  return taken;
}
