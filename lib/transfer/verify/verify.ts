import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { printableKey } from '../../domain/report.ts';
import { Stopped } from '../../domain/stopped.ts';
import type { PageSummary } from '../../volume/catalog/page.ts';
import type { CatalogRecord } from '../../volume/catalog/records.ts';
import { type LiveFilter, liveRecords, type Replaced } from '../../volume/index/live-records.ts';
import { openVolume } from '../../volume/open-volume.ts';
import { dropFromCache } from '../../volume/sealed/page-cache.ts';
import type { Damage, Volume, VolumeSpec } from '../../volume/volume.ts';
import type { Problem } from '../progress/problem-log.ts';
import { type RunOptions, withProgress } from '../progress/progress.ts';
import { Control } from '../threads/control.ts';
import { Pool } from '../threads/pool.ts';
import { typedErrors } from '../threads/typed-errors.ts';
import type { CheckedSeal } from './seal.ts';
import { comparePages, type Remark } from './sealed-pages.ts';
import { checkBagTags } from './verify-bag.ts';
import { checkRecovery, type RecoveryCheck } from './verify-parity.ts';
import { checkSealState, type KnownState, type SealCheck, type SealState } from './verify-seal.ts';
import { findStrays } from './verify-strays.ts';
import { VERIFY_TASK } from './verify-task.ts';

export interface VerifyOptions extends RunOptions, VolumeSpec {
  /** Also compute every object's SHA-256, and compare the volume with its recovery data. */
  full?: boolean | undefined;
  /** The installation's CA, PEM: with it the catalog of a sealed volume is compared with the seal. */
  caPem?: string | undefined;
  /** What this host and the console know of the seal. */
  knownStates?: readonly KnownState[] | undefined;
  /** Take damaged segments of an unsealed volume away, so that the next load copies their objects again. */
  dropDamaged?: boolean | undefined;
}

export interface VerifyResult {
  /** Whether all that was checked is as it should be: seal, data, recovery data, tag files of a bag. */
  intact: boolean;
  objects: number;
  bytes: number;
  segments: number;
  /** Damaged segments (bag: files). */
  damaged: number;
  /** Their numbers (bag: of their pages), ascending. */
  damagedSegments: number[];
  /** Objects that the seal counts and no page that can be read names. */
  objectsLost: number;
  /** Whether the bytes came from the medium and not from the host's memory. */
  uncached: boolean;
  /** How the volume stands by its seal. */
  sealState: SealState;
  /** SHA-256 of the seal that verifies, hex; null when none does. */
  sealDigest: string | null;
  /** Who knows this very seal; and whether it is later than what they know. */
  sealKnownBy: string[];
  sealIsNewer: boolean;
  /** Undefined when the volume has no recovery data and none is missed. */
  recovery: RecoveryCheck | undefined;
  /** What costs nothing: bytes behind an end, files that the seal does not name, copies that are damaged. */
  remarks: Remark[];
  /** What is wrong with the volume as a whole (no key), and the objects that are hit, each with segment and offset. */
  problems: Problem[];
}

/** Reads a volume back from the device and checks all of it. Throws PageDamaged, DeviceIo. */
export function verifyVolume(options: VerifyOptions): Promise<VerifyResult> {
  return typedErrors({ deviceDir: options.deviceDir }, () => verifyAll(options));
}

/** What a verification is about. */
interface Catalog {
  check: SealCheck;
  /** Numbers of the pages that count. */
  all: number[];
  /** Of those, the ones that can be read. */
  pages: PageSummary[];
  damaged: Set<number>;
  isLive: LiveFilter;
  replaced: Replaced;
  remarks: Remark[];
}

async function verifyAll(options: VerifyOptions): Promise<VerifyResult> {
  const volume = openVolume(options);
  const catalog = readCatalog(options, volume);
  const { check, damaged, isLive } = catalog;
  const pages = catalog.pages.map(({ number }) => number);
  const unread = [...damaged];
  const uncached = dropFromCache(options.deviceDir);
  const control = new Control();
  const { damage, totals } = await checkData(options, volume, catalog, control);
  const recovery = await checkRecovery(options, {
    pages: catalog.all,
    sets: check.seal?.summary.paritySets,
    full: options.full ?? false,
    verified: { objects: control.get('objects'), bytes: control.get('bytes'), totals },
  });
  const bag =
    check.seal && volume.kind === 'bag'
      ? await checkBagTags(options, check.seal, new Set(pages))
      : [];
  const whole = [
    ...(check.problem ? [check.problem] : []),
    ...bag,
    ...(recovery?.problems ?? []),
    ...unread.map(pageProblem),
  ];
  const problems = [...whole, ...objectsHit(volume, pages, damage, isLive)];
  for (const { key, code, message } of problems) {
    const next = new WaybillError(code, {}).next;
    const isData = code === 'FrameDamaged' || code === 'PageDamaged';
    options.onEvent?.({
      kind: 'problem',
      key,
      code,
      message,
      next: isData ? 'copy it again' : next,
    });
  }
  if (options.dropDamaged) for (const number of damaged) volume.dropPage(number);
  return {
    intact: problems.length === 0 && damaged.size === 0,
    objects: control.get('objects'),
    bytes: control.get('bytes'),
    segments: catalog.all.length,
    damaged: damaged.size,
    objectsLost: unread.length > 0 && check.seal ? lostOf(check.seal, control) : 0,
    damagedSegments: [...damaged].sort((a, b) => a - b),
    uncached,
    sealState: check.state,
    sealDigest: check.seal?.digest ?? null,
    sealKnownBy: check.knownBy,
    sealIsNewer: check.isNewer,
    recovery,
    remarks: [...catalog.remarks, ...(recovery?.remarks ?? [])],
    problems,
  };
}

/** How many objects the lost pages named. */
const lostOf = ({ summary }: CheckedSeal, control: Control): number =>
  Math.max(0, summary.objects - control.get('objects'));

/** The pages that count: of a sealed volume those that its seal names. Throws PageDamaged when the key opens none. */
function readCatalog(options: VerifyOptions, volume: Volume): Catalog {
  const sealed = sealedCatalog(options, volume);
  const { check, all, damaged } = sealed;
  const remarks = [...sealed.remarks];
  const readable = all.filter((number) => !damaged.has(number));
  const live = liveRecords(volume, readable, (number) => damaged.add(number));
  const { isLive, replaced, pages } = live;
  const [first] = damaged;
  // The wrong key opens no page at all; that it is the right one the seal has shown.
  if (first !== undefined && pages.length === 0 && !check.seal)
    throw new WaybillError('PageDamaged', { page: first });
  remarks.push(...findStrays(options, { seal: check.seal, numbers: all, pages }));
  return { check, all, pages, damaged, isLive, replaced, remarks };
}

function sealedCatalog(options: VerifyOptions, volume: Volume) {
  const check = checkSealState(options);
  const { seal } = check;
  const plain = { all: volume.pageNumbers(), damaged: new Set<number>(), remarks: [] as Remark[] };
  if (!seal) return { check, ...plain };
  try {
    const { damaged, remarks } = comparePages(volume, seal);
    const all = seal.pages.map(({ page }) => page);
    return { check, all, damaged: new Set(damaged), remarks };
  } catch (error) {
    if (!isWaybillError(error, 'SealSuperseded')) throw error;
    const problem: Problem = { key: '', code: error.code, message: error.message };
    return { check: { ...check, state: 'superseded' as const, problem }, ...plain };
  }
}

/** Reads everything that the pages describe. Ranges that are damaged come back, their pages are added to `damaged`. */
async function checkData(
  options: VerifyOptions,
  volume: Volume,
  { pages, damaged, replaced }: Catalog,
  control: Control,
): Promise<{ damage: Damage[]; totals: { objects: number; bytes: number } }> {
  const totals = { objects: 0, bytes: 0 };
  for (const { objects, bytes, segment } of pages) {
    // With what has been replaced the totals of a progress bar are a little high, and cost less.
    totals.bytes += volume.kind === 'bag' ? bytes : segment.bytes;
    totals.objects += objects;
  }
  const damage: Damage[] = [];
  const { deviceDir, label, jobKey, full = false, workers } = options;
  const setup = { deviceDir, label, jobKey, full };
  await withProgress({ phase: 'verify', control, totals }, options, () =>
    new Pool({ kind: VERIFY_TASK, setup, control, workers }).run({
      jobs: [
        ...pages.map(({ number: page }) => ({ page, replaced })),
        ...[...damaged].map((page) => ({ page, replaced, isLost: true })),
      ],
      onDone: (done) => {
        damage.push(...done.damage.map((d) => (d.key ? { ...d, key: Buffer.from(d.key) } : d)));
        if (done.damage.length > 0) damaged.add(done.page);
      },
    }),
  );
  if (control.stopped) throw new Stopped();
  return { damage, totals };
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
