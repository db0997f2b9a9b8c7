import type { StoreKind } from './words.ts';

/** Storage classes of S3 (Amazon S3 API Reference, PutObject, x-amz-storage-class) that Waybill writes to. */
export const STORAGE_CLASSES = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'REDUCED_REDUNDANCY',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
] as const;
export type StorageClass = (typeof STORAGE_CLASSES)[number];

/** Those from which an object has to be restored before it can be read. */
export const ARCHIVE_CLASSES: readonly StorageClass[] = ['GLACIER', 'DEEP_ARCHIVE'];

/** The classes that a kind of store with an endpoint may have; the first is the default of glacier. */
export function storageClassesOf(kind: StoreKind): readonly StorageClass[] {
  if (kind === 'glacier') return ARCHIVE_CLASSES;
  return kind === 's3' ? STORAGE_CLASSES : [];
}
