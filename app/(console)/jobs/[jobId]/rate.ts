import type { ProgressSeries } from '../../../../lib/api/schemas/work-schemas.ts';

type Sample = ProgressSeries['samples'][number];
/** What is counted: sizes in bytes, or objects. */
export type Measure = 'bytes' | 'objects';

/** The newest rate is taken over so much time, or over the last two samples when they lie further apart. */
const WINDOW_MS = 20_000;

/** How much moved a second between each two samples; what steps back, as a copy that starts anew, is no rate. */
export function ratesOf(samples: readonly Sample[], measure: Measure): { x: Date; y: number }[] {
  const rates = samples.slice(1).flatMap((sample, i) => {
    const before = samples[i];
    const rate = before && rateBetween(before, sample, measure);
    if (!before || rate === undefined) return [];
    return [{ x: new Date(sample.at), y: rate, from: before.at }];
  });
  // The line begins where the first of them was measured from: two samples are a line, not a dot.
  const start = rates.slice(0, 1).map(({ from, y }) => ({ x: new Date(from), y }));
  return [...start, ...rates.map(({ x, y }) => ({ x, y }))];
}

/** How much moves a second now; undefined while it is not known. */
export function rateNow(samples: readonly Sample[], measure: Measure): number | undefined {
  const last = samples.at(-1);
  if (!last) return undefined;
  const since = Date.parse(last.at) - WINDOW_MS;
  const from = Math.min(
    samples.findIndex(({ at }) => Date.parse(at) >= since),
    samples.length - 2,
  );
  const first = samples[from];
  return first && rateBetween(first, last, measure);
}

/** Milliseconds for what is left; undefined while nothing moves. */
export function etaMs(left: number, rate: number | undefined): number | undefined {
  return rate !== undefined && rate > 0 ? (Math.max(0, left) * 1000) / rate : undefined;
}

function rateBetween(from: Sample, to: Sample, measure: Measure): number | undefined {
  const ms = Date.parse(to.at) - Date.parse(from.at);
  const moved = to[measure] - from[measure];
  return ms > 0 && moved >= 0 ? (moved * 1000) / ms : undefined;
}
