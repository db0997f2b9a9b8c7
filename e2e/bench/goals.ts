import { MiB } from '../../lib/domain/sizes.ts';
import type { DataSetName } from './datasets.ts';
import type { PlaceName } from './options.ts';
import type { Series } from './works.ts';

/**
 * A number to reach. The ratio is the series' time over Waybill's (in the table of resume: over the first
 * scan), both medians of one run on one machine.
 */
export interface Goal {
  series: Series;
  place?: PlaceName;
  dataSet?: DataSetName;
  atLeast?: number;
  atMost?: number;
}

export const GOALS: Goal[] = [
  { series: 'rclone-crypt/load', place: 'tmpfs', dataSet: 'large', atLeast: 3 },
  { series: 'rsync/load', place: 'tmpfs', dataSet: 'large', atLeast: 2.2 },
  { series: 'tar-age/load', place: 'tmpfs', dataSet: 'large', atLeast: 1.8 },
  { series: 'rclone-crypt/load', place: 'tmpfs', dataSet: 'small', atLeast: 5 },
  { series: 'rsync/load', place: 'tmpfs', dataSet: 'small', atLeast: 1.6 },
  { series: 'tar-age/load', place: 'tmpfs', dataSet: 'small', atLeast: 0.9 },
  // Waybill takes at most 1.1 times as long as cp and sync.
  { series: 'cp/load', place: 'disk', atLeast: 0.91 },
  { series: 'sha256sum/verify', atLeast: 1.5 },
  { series: 'rclone-crypt/unload', place: 'tmpfs', atLeast: 2.5 },
  { series: 'waybill-resume/restart', atMost: 1.2 },
];

/** Resident memory of load, verify and unload, whatever the number and size of files. Bytes. */
export const RSS_GOAL = 256 * MiB;

/** The goal of a series in a place with a data set, if there is one. */
export const goalOf = (series: Series, place: PlaceName, dataSet: string): Goal | undefined =>
  GOALS.find(
    (goal) =>
      goal.series === series &&
      (goal.place ?? place) === place &&
      (goal.dataSet ?? dataSet) === dataSet,
  );

export const isMet = ({ atLeast = 0, atMost = Number.POSITIVE_INFINITY }: Goal, ratio: number) =>
  ratio >= atLeast && ratio <= atMost;

/** "≥ 3.0× met" */
export function describeGoal(goal: Goal, ratio: number): string {
  const bound = goal.atLeast === undefined ? `≤ ${goal.atMost}×` : `≥ ${goal.atLeast}×`;
  return `${bound} ${isMet(goal, ratio) ? 'met' : '**missed**'}`;
}
