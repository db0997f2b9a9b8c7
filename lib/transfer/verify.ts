import { WaybillError } from '../domain/errors.ts';
import { printableKey } from '../domain/report.ts';
import { isSealed } from '../volume/label.ts';
import { dropFromCache } from '../volume/page-cache.ts';
import type { CatalogRecord } from '../volume/records.ts';
import { type Damage, openVolume, type Volume, type VolumeSpec } from '../volume/volume.ts';
import { type LiveFilter, liveRecords } from '../volume/volume-index.ts';
import { Control, Stopped, stopOn } from './control.ts';
import { defaultWorkers, runPool } from './pool.ts';
import type { Problem } from './problem-log.ts';
import { type RunOptions, startTicking } from './progress.ts';
import { readSeal } from './seal.ts';
import { typedErrors } from './typed-errors.ts';
import type { VerifyDone, VerifyJob, VerifySetup } from './verify-task.ts';

export interface VerifyOptions extends RunOptions, VolumeSpec {
  /** Also compute every object's SHA-256. */
  full?: boolean;
  /** The installation's CA, PEM: with it the catalog of a sealed volume is compared with the seal. */
  caPem?: string;
  /** Take damaged segments of an unsealed volume away, so that the next load copies their objects again. */
  dropDamaged?: boolean;
}

export interface VerifyResult {
  objects: number;
  bytes: number;
  segments: number;
  /** Damaged segments (bag: files). */
  damaged: number;
  /** Their numbers (bag: of their pages), ascending. */
  damagedSegments: number[];
  /** Whether the bytes came from the medium and not from the host's memory. */
  uncached: boolean;
  /** The objects that are hit, each with segment and offset. */
  problems: Problem[];
}

/** Reads a volume back from the device and checks all of it. Throws PageDamaged, DeviceIo. */
export function verifyVolume(options: VerifyOptions): Promise<VerifyResult> {
  return typedErrors({ deviceDir: options.deviceDir }, () => verifyAll(options));
}

async function verifyAll(options: VerifyOptions): Promise<VerifyResult> {
  const volume = openVolume(options);
  const all = volume.pageNumbers();
  const totals = { objects: 0, bytes: 0 };
  const damagedPages = new Set(unlikeTheSeal(options, volume, all));
  const { isLive, replaced } = liveRecords(volume, all, (number) => damagedPages.add(number));
  const pages = all.filter((number) => !damagedPages.has(number));
  const unread = [...damagedPages];
  const [first] = unread;
  // The wrong key opens no page at all.
  if (first !== undefined && pages.length === 0)
    throw new WaybillError('PageDamaged', { page: first });
  for (const number of pages) {
    // With what has been replaced the totals of a progress bar are a little high, and cost less.
    const summary = volume.skimPage(number);
    totals.bytes += volume.kind === 'bag' ? summary.bytes : summary.segment.bytes;
    totals.objects += summary.objects;
  }
  const uncached = dropFromCache(options.deviceDir);
  const control = new Control();
  const stopTicking = startTicking('verify', control, totals, options.onEvent);
  const disconnect = stopOn(options.signal, control);
  const damage: Damage[] = [];
  const { deviceDir, label, jobKey } = options;
  const setup: VerifySetup = { volume: { deviceDir, label, jobKey }, full: options.full ?? false };
  try {
    await runPool<VerifyJob, VerifyDone, never, void>({
      ...{
        kind: 'verify',
        setup,
        control,
        workers: options.workers ?? defaultWorkers(),
        jobs: [
          ...pages.map((page) => ({ page, replaced })),
          ...unread.map((page) => ({ page, replaced, isLost: true })),
        ],
      },
      onDone: (done) => {
        damage.push(...done.damage.map((d) => (d.key ? { ...d, key: Buffer.from(d.key) } : d)));
        if (done.damage.length > 0) damagedPages.add(done.page);
      },
    });
  } finally {
    disconnect();
    stopTicking();
  }
  if (control.stopped) throw new Stopped();
  const problems = [...unread.map(pageProblem), ...objectsHit(volume, pages, damage, isLive)];
  for (const { key, code, message } of problems) {
    options.onEvent?.({ kind: 'problem', key, code, message, next: 'copy it again' });
  }
  if (options.dropDamaged) for (const number of damagedPages) volume.dropPage(number);
  return {
    ...{ objects: control.get('objects'), bytes: control.get('bytes'), segments: all.length },
    ...{ damaged: damagedPages.size, uncached, problems },
    damagedSegments: [...damagedPages].sort((a, b) => a - b),
  };
}

/** What of the catalog is not as the seal says, when there is a seal to ask. */
function unlikeTheSeal(options: VerifyOptions, volume: Volume, onDevice: number[]): number[] {
  const { caPem } = options;
  if (caPem === undefined || !isSealed(options.deviceDir)) return [];
  const there = new Set(onDevice);
  return readSeal({ ...options, caPem })
    .pages.filter(({ page, digest }) => !there.has(page) || volume.pageDigest(page) !== digest)
    .map(({ page }) => page);
}

function pageProblem(page: number): Problem {
  const { message } = new WaybillError('PageDamaged', { page });
  return { key: '', code: 'PageDamaged', message };
}

/** Which objects touch a damaged range. */
function objectsHit(
  volume: Volume,
  pages: number[],
  damage: Damage[],
  isLive: LiveFilter,
): Problem[] {
  if (damage.length === 0) return [];
  const problems: Problem[] = [];
  for (const number of pages) {
    for (const record of volume.openPage(number).records) {
      if (!isLive(number, record)) continue;
      const hit = damage.find((d) => touches(record, d));
      if (!hit) continue;
      const facts = { segment: hit.segment, offset: hit.fileOffset };
      const { message } = new WaybillError('FrameDamaged', facts);
      problems.push({ key: printableKey(record.key), code: 'FrameDamaged', message });
    }
  }
  return problems;
}

function touches(record: CatalogRecord, damage: Damage): boolean {
  if (damage.key) return record.key.equals(damage.key);
  return record.extents.some(
    ({ segment, offset, length }) =>
      segment === damage.segment && offset < damage.to && damage.from < offset + length,
  );
}
