import type { ReportSettings } from './report-place.ts';

/** How a store is used, besides how it is reached. */
export interface StoreSettings {
  /** Where completion reports lie. */
  reports?: ReportSettings | undefined;
  /** Objects of exports of which the store says nothing that can be compared are read twice. */
  readTwice?: boolean | undefined;
}
