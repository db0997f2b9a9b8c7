import { MiB } from '../../../lib/domain/sizes.ts';
import type { DataSetName } from '../measure/datasets.ts';
import type { PlaceName } from '../measure/places.ts';
import type { Series, Work } from './workloads.ts';

/** A number to reach. The ratio is the series' time over Waybill's, both medians of one run on one machine. */
export interface Goal {
  /** The tables it is about. */
  works: readonly Work[];
  series: Series;
  place?: PlaceName;
  dataSet?: DataSetName;
  atLeast?: number;
  atMost?: number;
}

const LARGE = { works: ['load'], place: 'tmpfs', dataSet: 'large' } as const;
const SMALL = { works: ['load'], place: 'tmpfs', dataSet: 'small' } as const;

export const GOALS: Goal[] = [
  { ...LARGE, series: 'rclone-crypt/load', atLeast: 3 },
  { ...LARGE, series: 'rsync/load', atLeast: 2.2 },
  { ...LARGE, series: 'tar-age/load', atLeast: 1.8 },
  { ...SMALL, series: 'rclone-crypt/load', atLeast: 5 },
  { ...SMALL, series: 'rsync/load', atLeast: 1.6 },
  { ...SMALL, series: 'tar-age/load', atLeast: 0.9 },
  // Waybill takes at most 1.1 times as long as cp and sync.
  { works: ['load', 'bag'], place: 'disk', series: 'cp/load', atLeast: 0.91 },
  { works: ['verify'], series: 'sha256sum/verify', atLeast: 1.5 },
  { works: ['unload'], place: 'tmpfs', series: 'rclone-crypt/unload', atLeast: 2.5 },
];

/** A second run of so many files, until it copies, over the same of the first one. */
export const RESUME_GOAL = { files: 1_000_000, atMost: 1.2 };

/** Resident memory of load, verify and unload, whatever the number and size of files. Bytes. */
export const RSS_GOAL = 256 * MiB;

/** The goal of a row of a table in a place with a data set, if there is one. */
export const goalOf = (
  { work, series }: { work: Work; series: Series },
  place: PlaceName,
  dataSet: string,
): Goal | undefined =>
  GOALS.find(
    (goal) =>
      goal.series === series &&
      goal.works.includes(work) &&
      (goal.place ?? place) === place &&
      (goal.dataSet ?? dataSet) === dataSet,
  );

type Bounds = Pick<Goal, 'atLeast' | 'atMost'>;

export const isMet = ({ atLeast = 0, atMost = Number.POSITIVE_INFINITY }: Bounds, ratio: number) =>
  ratio >= atLeast && ratio <= atMost;

/** "≥ 3× met" */
export function describeGoal({ atLeast, atMost, met }: Bounds & { met: boolean }): string {
  const bound = atLeast === undefined ? `≤ ${atMost}×` : `≥ ${atLeast}×`;
  return `${bound} ${met ? 'met' : '**missed**'}`;
}
