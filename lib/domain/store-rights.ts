/** What Waybill does in a bucket, and so has to be allowed to. */
export const STORE_RIGHTS = {
  list: { label: 'List objects', why: 'an import looks for what is there; an export takes it' },
  write: { label: 'Write an object', why: 'imports, and the report of every job' },
  read: { label: 'Read an object', why: 'exports, and the comparison of what exists' },
  multipart: { label: 'Write an object in parts', why: 'objects that are large' },
  abort: { label: 'Give up parts', why: 'what a stopped import leaves would be paid for' },
  replace: { label: 'Put a file in its place', why: 'an object appears whole, or not at all' },
  sync: { label: 'Make it durable', why: 'what is reported as written survives a power failure' },
  delete: {
    label: 'Delete an object',
    why: 'an object that differs from its source is taken away',
  },
  use: { label: 'Use the store', why: 'its index is whole and can be written' },
} as const satisfies Record<string, { label: string; why: string }>;
export type StoreRight = keyof typeof STORE_RIGHTS;
export const STORE_RIGHT_NAMES = Object.keys(STORE_RIGHTS) as [StoreRight, ...StoreRight[]];

/** How the trial of a right went. `untried`: it needs one that was refused. */
export const RIGHT_STATES = ['allowed', 'refused', 'untried'] as const;
export type RightState = (typeof RIGHT_STATES)[number];

export interface RightTrial {
  right: StoreRight;
  state: RightState;
  /** What the store said to a refusal. */
  detail: string;
}

/** Rights that are missing, in words; empty when all are there. */
export const missingRights = (trials: readonly RightTrial[]): string =>
  trials
    .filter(({ state }) => state === 'refused')
    .map(({ right, detail }) => `${STORE_RIGHTS[right].label.toLowerCase()} (${detail})`)
    .join('; ');
