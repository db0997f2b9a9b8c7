import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '../domain/errors.ts';
import { onDevice, publish, unpublish } from '../files/durable.ts';
import { signCms, verifyCms } from '../keys/cms.ts';
import {
  encodeLines,
  type OmittedLine,
  type PageLine,
  readLoadFacts,
  readSealLines,
  type SealSummary,
} from '../volume/body-lines.ts';
import { isSealed, type Label } from '../volume/label.ts';
import { SEAL_BYTES_MAX, SEAL_PATH, SIGNATURE_PATH } from '../volume/layout.ts';
import type { Page } from '../volume/page.ts';
import { openVolume, type Volume, type VolumeSpec } from '../volume/volume.ts';
import { indexForUnload, type LiveFilter, replacedIn, withLive } from '../volume/volume-index.ts';
import { type KnownSeal, requireKnownSeal } from './known-seal.ts';
import { copySmallFiles, removeCopies } from './parity.ts';
import type { RunOptions } from './progress.ts';
import { typedErrors } from './typed-errors.ts';

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
  const sealedAt = new Date().toISOString();
  const summary: SealSummary = {
    format: 'waybill-seal/1',
    ...{ jobId, deviceId, volumeId, objects, bytes, pages: pages.length, sealedAt, load },
  };
  const body = encodeLines([summary, ...pages, ...omitted]);
  const bytesOnDevice = volume.writeSealBody(body, livePages(volume, isLive));
  const der = signCms({ content: bytesOnDevice, ...signer, detached: true, now: new Date() });
  copySmallFiles(deviceDir, der);
  onDevice(deviceDir, () => publish(join(deviceDir, SIGNATURE_PATH), der));
  const sealDigest = createHash('sha256').update(bytesOnDevice).digest('hex');
  return { objects, bytes, skipped: load.skipped, failed: load.failed, sealDigest, sealedAt };
}

/** A run that was killed between seal and signature left the seal's body: its load facts are still in it. */
function sealedBodyLeft(volume: Volume, deviceDir: string): Buffer | undefined {
  if (!existsSync(join(deviceDir, SEAL_PATH))) return undefined;
  const { summary, omitted } = readSealLines(volume.readSealBody());
  return encodeLines([summary.load, ...omitted]);
}

function* livePages(volume: Volume, isLive: LiveFilter): Generator<Page> {
  for (const number of volume.pageNumbers()) yield withLive(volume.readPage(number), isLive);
}

function pageLines(volume: Volume, isLive: LiveFilter): PageLine[] {
  const lines: PageLine[] = [];
  for (const number of volume.pageNumbers()) {
    const all = volume.readPage(number);
    const page = withLive(all, isLive);
    if (!volume.hasSegment(page)) {
      throw new WaybillError('VolumeNotVerified', {
        detail: `segment ${page.number} is not whole`,
      });
    }
    const digest = volume.pageDigest(page.number);
    const segment = page.segment.digest.toString('hex');
    const replaced = replacedIn(all, isLive);
    lines.push({ page: number, digest, segment, ...(replaced.length > 0 ? { replaced } : {}) });
  }
  return lines;
}

/** Takes the seal off, so that more can be copied. The load has to be run again before the next seal. Throws VolumeNotSealed. */
export async function reopenVolume({
  deviceDir,
}: {
  deviceDir: string;
  label: Label;
}): Promise<void> {
  if (!isSealed(deviceDir)) throw new WaybillError('VolumeNotSealed');
  onDevice(deviceDir, () => {
    unpublish(join(deviceDir, SIGNATURE_PATH));
    unpublish(join(deviceDir, SEAL_PATH));
  });
  removeCopies(deviceDir);
}

/** A seal whose signature and contents have been checked. */
export interface CheckedSeal {
  /** SHA-256 of seal.bin, hex. */
  digest: string;
  summary: SealSummary;
  pages: PageLine[];
  omitted: OmittedLine[];
}

/**
 * Reads and checks the seal of a device that came back: signed by the job's certificate, for this job, device
 * and volume; where `known` says which one it has to be, that one. Throws VolumeNotSealed, SignatureInvalid,
 * VolumeInvalid, WrongJobDevice, SealSuperseded.
 */
export function readSeal(
  options: VolumeSpec & { caPem: string; known?: KnownSeal | undefined },
): CheckedSeal {
  const { deviceDir, label, caPem } = options;
  if (!isSealed(deviceDir)) throw new WaybillError('VolumeNotSealed');
  const path = join(deviceDir, SEAL_PATH);
  if (
    statSync(path).size > SEAL_BYTES_MAX ||
    statSync(join(deviceDir, SIGNATURE_PATH)).size > 1024 * 1024
  ) {
    throw new WaybillError('VolumeInvalid', { detail: 'the seal is too large' });
  }
  const sealed = readFileSync(path);
  const der = readFileSync(join(deviceDir, SIGNATURE_PATH));
  verifyCms({ der, kind: 'seal', detachedContent: sealed, caPem, jobId: label.jobId });
  const { summary, pages, omitted } = readSealLines(openVolume(options).readSealBody());
  if (summary.jobId !== label.jobId) {
    throw new WaybillError('WrongJobDevice', { found: summary.jobId, expected: label.jobId });
  }
  if (summary.deviceId !== label.deviceId || summary.volumeId !== label.volumeId) {
    throw new WaybillError('VolumeInvalid', { detail: 'label and seal name different devices' });
  }
  const digest = createHash('sha256').update(sealed).digest('hex');
  const { objects, bytes } = summary;
  if (options.known) requireKnownSeal({ sealDigest: digest, objects, bytes }, options.known);
  return { digest, summary, pages, omitted };
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
