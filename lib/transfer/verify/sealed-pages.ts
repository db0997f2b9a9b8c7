import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import type { PageLine } from '../../volume/catalog/seal-lines.ts';
import { indexSealed } from '../../volume/index/unload-index.ts';
import { pagePath } from '../../volume/layout.ts';
import { openVolume } from '../../volume/open-volume.ts';
import type { Volume, VolumeSpec } from '../../volume/volume.ts';
import type { CheckedSeal } from './seal.ts';

/** Something on a device that costs nothing, and that a person should know of. */
export interface Remark {
  /** Relative to the device. */
  path: string;
  what:
    | 'has bytes behind its end'
    | 'is not named by the seal'
    | 'is damaged, a copy is not'
    | 'is lost in all its places; what is known of the job and the volume says what was in it';
}

const LINES_MAX = 20;

/** Remarks for people; of many only the first ones. */
export function remarkLines(remarks: readonly Remark[]): string[] {
  const lines = remarks.slice(0, LINES_MAX).map(({ path, what }) => `${path} ${what}`);
  const more = remarks.length - lines.length;
  return more > 0 ? [...lines, `and ${more} more files that cost nothing`] : lines;
}

/** The pages of a sealed volume. */
export interface SealedPages {
  /** What they say can be relied on. */
  good: PageLine[];
  /** Numbers of those that are lost. */
  damaged: number[];
  remarks: Remark[];
}

/**
 * Compares the catalog with the seal. What the seal does not name is named and ignored, unless it proves that the seal
 * is not the last one. Throws VolumeInvalid, SealSuperseded.
 */
export function checkedPages(options: VolumeSpec, seal: CheckedSeal): SealedPages {
  const volume = openVolume(options);
  const pages = comparePages(volume, seal);
  const damaged = new Set(pages.damaged);
  const { objects, bytes } = seal.summary;
  indexSealed(volume, { objects, bytes, pages: seal.pages }, damaged);
  return {
    good: seal.pages.filter(({ page }) => !damaged.has(page)),
    damaged: [...damaged],
    remarks: pages.remarks,
  };
}

/** Which pages are not what the seal says. Throws SealSuperseded. */
export function comparePages(
  volume: Volume,
  seal: CheckedSeal,
): { damaged: number[]; remarks: Remark[] } {
  const strays = new Set(volume.pageNumbers());
  const damaged: number[] = [];
  const remarks: Remark[] = [];
  for (const { page, digest } of seal.pages) {
    const state = strays.delete(page) ? volume.comparePage(page, digest) : 'other';
    if (state === 'other') damaged.push(page);
    if (state === 'longer')
      remarks.push({ path: pagePath(page), what: 'has bytes behind its end' });
  }
  requireLast(volume, seal, strays);
  for (const page of strays)
    remarks.push({ path: pagePath(page), what: 'is not named by the seal' });
  return { damaged, remarks };
}

/** A hostile device may hold any number of pages. */
const LOOKED_AT_MAX = 100;

/**
 * Numbers are never given twice: a page with a higher number than all that the seal names, which opens with the job's
 * key, was written after it. Throws SealSuperseded.
 */
function requireLast(volume: Volume, seal: CheckedSeal, strays: ReadonlySet<number>): void {
  const last = seal.pages.at(-1)?.page ?? 0;
  const later = [...strays].filter((page) => page > last).slice(0, LOOKED_AT_MAX);
  const proof = later.find((page) => isPage(volume, page));
  if (proof === undefined) return;
  const known = `a later one: catalog page ${proof} was written after it`;
  throw new WaybillError('SealSuperseded', { found: seal.digest, known });
}

function isPage(volume: Volume, number: number): boolean {
  try {
    volume.summarizePage(number);
    return true;
  } catch (error) {
    if (isWaybillError(error, 'PageDamaged')) return false;
    throw error;
  }
}
