import type { JobNotification } from './notifications.ts';
import type { ArchiveUnit, JobType, Option, OverwritePolicy, ShippingService } from './words.ts';

/** What a new job asks for. Sizes bytes. */
export interface NewJob {
  name: string;
  option: Option;
  type: JobType;
  sizeBytes: number;
  encrypted: boolean;
  storeId: string;
  bucket: string;
  prefix?: string;
  archive?: ArchiveUnit | undefined;
  overwritePolicy?: OverwritePolicy | undefined;
  rangeBegin?: string | null | undefined;
  rangeEnd?: string | null | undefined;
  includeReports?: boolean | undefined;
  addressId?: string | null | undefined;
  shippingService?: ShippingService | null | undefined;
  notification?: JobNotification | null | undefined;
  /** As it was asked for; checked here. */
  processing?: unknown;
}
