/**
 * How far a transfer has come, how fast it goes and how long it still takes: one rule for command line and pages. Counters
 * may stand still, go back (what failed is taken off again, a resumed run counts anew) and have no totals yet.
 */

/** What was done of what there is to do. Sizes bytes; totals are 0 while they are not known. */
export interface Amounts {
  objects: number;
  bytes: number;
  totalObjects: number;
  totalBytes: number;
}

/** Counters at a moment, milliseconds of one clock. */
export interface Moment {
  atMs: number;
  objects: number;
  bytes: number;
}

/** How much moves a second; undefined while it is not known. Never negative. */
export interface Pace {
  bytesPerSecond: number | undefined;
  objectsPerSecond: number | undefined;
}

export interface ProgressStatus extends Pace {
  /** From 0 to 1; undefined while totals are not known. */
  share: number | undefined;
  /** The share with one decimal, rounded down: 100.0 is said at the end alone. */
  percent: string | undefined;
  isDone: boolean;
  /** Milliseconds for what is left; undefined while it is not known. */
  leftMs: number | undefined;
}

/**
 * What an object costs beside its bytes, as bytes: to open, close and commit it. So empty objects count too, and a transfer
 * whose bytes have all moved is not over while there are objects left.
 */
const OBJECT_BYTES = 4096;

/** Where a transfer stands. Moments in the order of time; the pace is that of the last `windowMs`. */
export function progressStatusOf(
  amounts: Amounts,
  moments: readonly Moment[],
  windowMs: number,
): ProgressStatus {
  const { objects, bytes, totalObjects, totalBytes } = amounts;
  const pace = paceOf(moments, windowMs);
  const [allObjects, allBytes] = [countOf(totalObjects), countOf(totalBytes)];
  const total = workOf(allObjects, allBytes);
  if (total === 0)
    return { ...pace, share: undefined, percent: undefined, isDone: false, leftMs: undefined };
  const doneObjects = Math.min(countOf(objects), allObjects);
  const doneBytes = Math.min(countOf(bytes), allBytes);
  const isDone = doneObjects === allObjects && doneBytes === allBytes;
  const share = isDone ? 1 : Math.min(workOf(doneObjects, doneBytes) / total, UNDER_ONE);
  const percent = (Math.floor(share * 1000) / 10).toFixed(1);
  const left = workOf(allObjects - doneObjects, allBytes - doneBytes);
  const { bytesPerSecond = 0, objectsPerSecond = 0 } = pace;
  const workPerSecond = workOf(objectsPerSecond, bytesPerSecond);
  const inMotion = workPerSecond > 0 ? (left * 1000) / workPerSecond : undefined;
  return { ...pace, share, percent, isDone, leftMs: isDone ? 0 : inMotion };
}

/** The pace now: over the last `windowMs`, or over the last two moments when they lie further apart. */
export function paceOf(moments: readonly Moment[], windowMs: number): Pace {
  const steady = sinceStepBack(moments);
  const last = steady.at(-1);
  const since = (last?.atMs ?? 0) - windowMs;
  const inWindow = steady.findIndex(({ atMs }) => atMs >= since);
  const first = steady[Math.min(inWindow, steady.length - 2)];
  const seconds = first && last ? (last.atMs - first.atMs) / 1000 : 0;
  if (!first || !last || seconds <= 0)
    return { bytesPerSecond: undefined, objectsPerSecond: undefined };
  return {
    bytesPerSecond: (countOf(last.bytes) - countOf(first.bytes)) / seconds,
    objectsPerSecond: (countOf(last.objects) - countOf(first.objects)) / seconds,
  };
}

/** Moments with one more, without those that no pace needs any longer. */
export function withMoment(moments: readonly Moment[], moment: Moment, windowMs: number): Moment[] {
  const all = [...moments, moment];
  const since = moment.atMs - windowMs;
  const older = all.filter(({ atMs }) => atMs < since).length;
  return all.slice(Math.min(older, Math.max(0, all.length - 2)));
}

/** What was counted since a counter, or the clock, went back last: between two runs nothing can be compared. */
function sinceStepBack(moments: readonly Moment[]): readonly Moment[] {
  for (let i = moments.length - 1; i > 0; i -= 1) {
    const [before, after] = [moments[i - 1], moments[i]];
    if (before && after && isBack(before, after)) return moments.slice(i);
  }
  return moments;
}

const isBack = (before: Moment, after: Moment): boolean =>
  countOf(after.bytes) < countOf(before.bytes) ||
  countOf(after.objects) < countOf(before.objects) ||
  after.atMs < before.atMs;

const UNDER_ONE = 1 - Number.EPSILON;

/** A counter as it can be: whole, and what is no number counts as nothing. */
const countOf = (count: number): number =>
  count > 0 && Number.isFinite(count) ? Math.floor(count) : 0;

const workOf = (objects: number, bytes: number): number => bytes + objects * OBJECT_BYTES;
