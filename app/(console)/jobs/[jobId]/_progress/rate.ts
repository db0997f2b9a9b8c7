import type { ProgressSeries } from '../../../../../lib/api/schemas/work-schemas.ts';

type Sample = ProgressSeries['samples'][number];
/** What is counted: sizes in bytes, or objects. */
export type Measure = 'bytes' | 'objects';

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

function rateBetween(from: Sample, to: Sample, measure: Measure): number | undefined {
  const ms = Date.parse(to.at) - Date.parse(from.at);
  const moved = to[measure] - from[measure];
  return ms > 0 && moved >= 0 ? (moved * 1000) / ms : undefined;
}
