/** What is timed. */
export const WORKS = ['load', 'bag', 'verify', 'unload', 'resume', 'parity'] as const;
export type Work = (typeof WORKS)[number];

/** The name of one measured series: who did what. */
export type Series = `${string}/${string}`;

/** One table: which series it compares, and the one that counts as 1.00. */
export interface View {
  work: Work;
  title: string;
  baseline: Series;
  rows: Series[];
}

const COPIES: Series[] = ['cp/load', 'rsync/load', 'rclone/load'];

/** The tables of one data set in one place. */
export const VIEWS: View[] = [
  {
    work: 'load',
    title: 'Load (encrypted)',
    baseline: 'waybill/load',
    rows: [
      'waybill/load',
      ...COPIES,
      'rclone-crypt/load',
      'tar-age/load',
      'restic/load',
      'borg/load',
    ],
  },
  {
    work: 'bag',
    title: 'Load without encryption (bag)',
    baseline: 'waybill-bag/load',
    rows: ['waybill-bag/load', ...COPIES],
  },
  {
    work: 'verify',
    title: 'Verify',
    baseline: 'waybill/verify',
    rows: ['waybill/verify', 'waybill-bag/verify', 'sha256sum/verify', 'sha256sum-parallel/verify'],
  },
  {
    work: 'unload',
    title: 'Unload to a directory',
    baseline: 'waybill/unload',
    rows: ['waybill/unload', 'rclone-crypt/unload'],
  },
  {
    work: 'resume',
    title: 'Resume of a load killed half-way',
    baseline: 'waybill-resume/first-scan',
    rows: [
      'waybill-resume/first-scan',
      'waybill-resume/dry-run',
      'waybill-resume/restart',
      'waybill-resume/resume',
      'waybill/load',
    ],
  },
  {
    work: 'parity',
    title: 'What recovery data costs',
    baseline: 'waybill/load',
    rows: ['waybill/load', 'waybill-parity/load', 'waybill-parity/repair'],
  },
];

/** How the tables call each series. */
export const TITLES: Record<Series, string> = {
  'waybill/load': 'waybill copy',
  'waybill-bag/load': 'waybill copy, bag',
  'cp/load': 'cp -r',
  'rsync/load': 'rsync -a',
  'rclone/load': 'rclone copy',
  'rclone-crypt/load': 'rclone copy to crypt',
  'tar-age/load': 'tar \\| age',
  'restic/load': 'restic backup',
  'borg/load': 'borg create',
  'waybill/verify': 'waybill verify',
  'waybill-bag/verify': 'waybill verify, bag',
  'sha256sum/verify': 'sha256sum of the source',
  'sha256sum-parallel/verify': 'sha256sum, one a worker',
  'waybill/unload': 'waybill restore',
  'rclone-crypt/unload': 'rclone copy from crypt',
  'waybill-resume/first-scan': 'first run, until it copies',
  'waybill-resume/dry-run': 'waybill copy --dry-run',
  'waybill-resume/restart': 'second run, until it copies',
  'waybill-resume/resume': 'second run, all of it',
  'waybill-parity/load': 'waybill copy --parity 5%',
  'waybill-parity/repair': 'waybill verify --repair, a segment lost',
};
