import { createHash } from 'node:crypto';
import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { DeviceFiles } from '../../files/device.ts';
import { signCms, verifyCms } from '../../keys/cms.ts';
import type { Page } from '../../volume/catalog/page.ts';
import {
  encodeLines,
  type OmittedLine,
  type PageLine,
  readLoadFacts,
  readSealLines,
  type SealSummary,
} from '../../volume/catalog/seal-lines.ts';
import {
  HOMES,
  placesUnlike,
  removeEverywhere,
  type SmallCopy,
  sealBodies,
  signatures,
  writeCopies,
} from '../../volume/copies.ts';
import { type LiveFilter, replacedIn, withLive } from '../../volume/index/live-records.ts';
import { indexForUnload } from '../../volume/index/unload-index.ts';
import { isSealed, labelBytes } from '../../volume/label.ts';
import { LABEL_PATH, SIGNATURE_PATH } from '../../volume/layout.ts';
import { openVolume } from '../../volume/open-volume.ts';
import { readParityHeads } from '../../volume/parity/parity-file.ts';
import type { Volume, VolumeSpec } from '../../volume/volume.ts';
import type { RunOptions } from '../progress/progress.ts';
import { typedErrors } from '../threads/typed-errors.ts';
import { type KnownSeal, requireKnownSeal } from './known-seal.ts';
import { forgetReopening, nextSealTime, noteReopening } from './reopened.ts';

/** The job's certificate and its private key, PEM. */
export interface Signer {
  certificatePem: string;
  privateKeyPem: string;
}

/** What a seal says. Counts objects, sizes bytes. */
export interface SealFacts {
  objects: number;
  bytes: number;
  skipped: number;
  failed: number;
  /** SHA-256 of seal.bin, hex. */
  sealDigest: string;
  sealedAt: string;
}

/**
 * Writes the signed last word on a volume whose load has finished: what it holds, with the digest of every
 * page and segment. Throws VolumeSealed, VolumeNotVerified (the load is not finished, or a segment is not
 * whole), PageDamaged.
 */
export function sealVolume(
  options: VolumeSpec & RunOptions & { signer: Signer },
): Promise<SealFacts> {
  return typedErrors({ deviceDir: options.deviceDir }, async () => writeSeal(options));
}

function writeSeal(options: VolumeSpec & RunOptions & { signer: Signer }): SealFacts {
  const { deviceDir, label, signer } = options;
  options.onEvent?.({ kind: 'phase', phase: 'seal' });
  if (isSealed(deviceDir)) throw new WaybillError('VolumeSealed');
  const volume = openVolume(options);
  const content = volume.readFacts() ?? sealedBodyLeft(volume, deviceDir);
  if (!content) throw new WaybillError('VolumeNotVerified', { detail: 'the copy is not finished' });
  const { facts: load, omitted } = readLoadFacts(content);
  volume.cleanUp();
  const { objects, bytes, isLive } = indexForUnload(volume, volume.pageNumbers());
  const pages = pageLines(volume, isLive);
  const { jobId, deviceId, volumeId } = label;
  const sealedAt = nextSealTime(deviceDir, new Date()).toISOString();
  const summary: SealSummary = {
    format: 'waybill-seal/1',
    jobId,
    deviceId,
    volumeId,
    objects,
    bytes,
    pages: pages.length,
    sealedAt,
    load,
    copies: HOMES.length,
    paritySets: readParityHeads(deviceDir, volumeId).size,
  };
  const body = encodeLines([summary, ...pages, ...omitted]);
  // What is left of a signature would make a seal of the new body, and a wrong one.
  removeEverywhere(deviceDir, 'seal.cms');
  const labelContent = labelBytes(deviceDir, label);
  // The tag manifest of a bag takes the digest of the label in its own place.
  if (placesUnlike(deviceDir, 'label.json', labelContent).includes(LABEL_PATH))
    new DeviceFiles(deviceDir).publish(LABEL_PATH, labelContent);
  const bytesOnDevice = volume.writeSealBody(body, livePages(volume, isLive));
  const der = signCms({ content: bytesOnDevice, ...signer, detached: true, now: new Date() });
  writeCopies(deviceDir, 'label.json', labelContent);
  writeCopies(deviceDir, 'seal.bin', bytesOnDevice);
  writeCopies(deviceDir, 'seal.cms', der);
  new DeviceFiles(deviceDir).publish(SIGNATURE_PATH, der);
  forgetReopening(deviceDir);
  const sealDigest = createHash('sha256').update(bytesOnDevice).digest('hex');
  return { objects, bytes, skipped: load.skipped, failed: load.failed, sealDigest, sealedAt };
}

/** A run that was killed between seal and signature left the seal's body: its load facts are still in it. */
function sealedBodyLeft(volume: Volume, deviceDir: string): Buffer | undefined {
  let problem: unknown;
  for (const { content } of sealBodies(deviceDir)) {
    try {
      const { summary, omitted } = readSealLines(volume.openSealBody(content));
      return encodeLines([summary.load, ...omitted]);
    } catch (error) {
      if (!isWaybillError(error, 'VolumeInvalid')) throw error;
      problem ??= error;
    }
  }
  if (problem) throw problem;
  return undefined;
}

function* livePages(volume: Volume, isLive: LiveFilter): Generator<Page> {
  for (const number of volume.pageNumbers()) yield withLive(volume.readPage(number), isLive);
}

function pageLines(volume: Volume, isLive: LiveFilter): PageLine[] {
  const lines: PageLine[] = [];
  for (const number of volume.pageNumbers()) {
    volume.trim(number);
    const all = volume.readPage(number);
    const page = withLive(all, isLive);
    if (!volume.hasSegment(page)) {
      throw new WaybillError('VolumeNotVerified', {
        detail: `segment ${page.number} is not whole`,
      });
    }
    const { digest } = volume.pageFile(page.number);
    const segment = page.segment.digest.toString('hex');
    const replaced = replacedIn(all, isLive);
    lines.push({ page: number, digest, segment, ...(replaced.length > 0 ? { replaced } : {}) });
  }
  return lines;
}

/** Takes the seal off, so that more can be copied. The load has to be run again before the next seal. Throws VolumeNotSealed. */
export async function reopenVolume(spec: VolumeSpec): Promise<void> {
  const { deviceDir } = spec;
  if (!isSealed(deviceDir)) throw new WaybillError('VolumeNotSealed');
  noteReopening(spec);
  removeEverywhere(deviceDir, 'seal.cms');
  removeEverywhere(deviceDir, 'seal.bin');
}

/** A seal whose signature and contents have been checked. */
export interface CheckedSeal {
  /** SHA-256 of seal.bin, hex. */
  digest: string;
  summary: SealSummary;
  pages: PageLine[];
  omitted: OmittedLine[];
  /** The bytes of signature and label that belong to it, and where its own bytes lie on the device. */
  signature: Buffer;
  bodyPath: string;
}

/**
 * Reads and checks the seal of a device that came back: signed by the job's certificate, for this job, device
 * and volume. It is kept three times: the copy that is `known` counts, else the last one that was made.
 * Throws VolumeNotSealed, SignatureInvalid, VolumeInvalid, WrongJobDevice, SealSuperseded.
 */
export function readSeal(
  options: VolumeSpec & {
    caPem: string;
    known?: KnownSeal | undefined;
    /** Digests of which any is as good as `known`, but none has to be found. */
    preferred?: readonly string[] | undefined;
  },
): CheckedSeal {
  const { deviceDir, known } = options;
  const wanted = known ? [known.sealDigest] : (options.preferred ?? []);
  if (!isSealed(deviceDir)) throw new WaybillError('VolumeNotSealed');
  const volume = openVolume(options);
  const ders = signatures(deviceDir);
  let last: CheckedSeal | undefined;
  let problem: unknown;
  for (const body of sealBodies(deviceDir)) {
    try {
      const seal = checkSeal(volume, body, ders, options);
      const isWanted = wanted.includes(seal.digest);
      if (!last || isWanted || isLater(seal, last)) last = seal;
      if (isWanted) break;
    } catch (error) {
      if (!isWaybillError(error, 'SignatureInvalid', 'VolumeInvalid', 'WrongJobDevice'))
        throw error;
      problem ??= error;
    }
  }
  if (last) {
    const { digest: sealDigest, summary } = last;
    const { objects, bytes } = summary;
    if (known) requireKnownSeal({ sealDigest, objects, bytes }, known);
    return last;
  }
  throw problem ?? new WaybillError('VolumeInvalid', { detail: 'the seal is empty or too large' });
}

/** Pages are never numbered again; of two seals of the same pages the time tells which one is later. */
function isLater(a: CheckedSeal, b: CheckedSeal): boolean {
  const [pageA, pageB] = [a.pages.at(-1)?.page ?? 0, b.pages.at(-1)?.page ?? 0];
  if (pageA !== pageB) return pageA > pageB;
  return Date.parse(a.summary.sealedAt) > Date.parse(b.summary.sealedAt);
}

function checkSeal(
  volume: Volume,
  { path, content, digest }: SmallCopy & { digest: string },
  ders: readonly SmallCopy[],
  { label, caPem }: VolumeSpec & { caPem: string },
): CheckedSeal {
  const signature = signatureOf(content, ders, { caPem, kind: 'seal', jobId: label.jobId });
  const { summary, pages, omitted } = readSealLines(volume.openSealBody(content));
  if (summary.jobId !== label.jobId) {
    throw new WaybillError('WrongJobDevice', { found: summary.jobId, expected: label.jobId });
  }
  if (summary.deviceId !== label.deviceId || summary.volumeId !== label.volumeId) {
    throw new WaybillError('VolumeInvalid', { detail: 'label and seal name different devices' });
  }
  return { digest, summary, pages, omitted, signature, bodyPath: path };
}

/** The signature that fits a body. Throws SignatureInvalid, of the first one when none does. */
function signatureOf(
  detachedContent: Buffer,
  ders: readonly SmallCopy[],
  of: { caPem: string; kind: 'seal'; jobId: string },
): Buffer {
  let problem: unknown;
  for (const { content: der } of ders) {
    try {
      verifyCms({ der, detachedContent, ...of });
      return der;
    } catch (error) {
      if (!isWaybillError(error, 'SignatureInvalid')) throw error;
      problem ??= error;
    }
  }
  const facts = { what: 'the seal', detail: 'it cannot be read' };
  throw problem ?? new WaybillError('SignatureInvalid', facts);
}

/** The facts of a checked seal, as `sealVolume` gave them. */
export function sealFacts({ summary, digest }: CheckedSeal): SealFacts {
  const { objects, bytes, sealedAt, load } = summary;
  return {
    objects,
    bytes,
    skipped: load.skipped,
    failed: load.failed,
    sealDigest: digest,
    sealedAt,
  };
}
