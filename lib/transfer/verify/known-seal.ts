import { WaybillError } from '../../domain/errors.ts';

/** What the console knows of a job's seal, from its receipt. Counts objects, sizes bytes. */
export interface KnownSeal {
  /** SHA-256 of seal.bin, hex. */
  sealDigest: string;
  objects: number;
  bytes: number;
}

/**
 * Holds that the seal found on a device is the one that is known. A valid seal of the right job alone says too
 * little: a clone of an earlier state carries one as well. Throws SealSuperseded.
 */
export function requireKnownSeal(found: KnownSeal, known: KnownSeal): void {
  const isKnown =
    found.sealDigest === known.sealDigest &&
    found.objects === known.objects &&
    found.bytes === known.bytes;
  if (!isKnown) {
    throw new WaybillError('SealSuperseded', { found: found.sealDigest, known: known.sealDigest });
  }
}
