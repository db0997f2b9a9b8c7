/** What a list of jobs can be sorted by. `created` is the order of creation; `attention`: whether an incident is open. */
export const JOB_SORTS = [
  'created',
  'name',
  'state',
  'option',
  'type',
  'outcome',
  'copy',
  'size',
  'since',
  'store',
  'bucket',
  'device',
  'createdBy',
  'attention',
] as const;
export type JobSort = (typeof JOB_SORTS)[number];
