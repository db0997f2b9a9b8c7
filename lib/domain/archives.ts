import { WaybillError } from './errors.ts';
import { formatBytes, TB } from './sizes.ts';
import type { ArchiveUnit, JobType, StoreKind } from './words.ts';

/** What an import may make one object of the store of, by the kind of the store; the first is the default. */
export const ARCHIVE_UNITS_OF: Record<StoreKind, readonly ArchiveUnit[]> = {
  directory: ['object'],
  s3: ['object'],
  glacier: ['object', 'device'],
  ebs: ['object'],
};

export const ARCHIVE_UNIT_LABELS: Record<ArchiveUnit, string> = {
  object: 'Each object',
  device: 'The whole device',
};

export const ARCHIVE_UNIT_HINTS: Record<ArchiveUnit, string> = {
  object: 'Under its own key',
  device: 'As it lies on the device, encrypted if that is; devices of 5 TB at most',
};

/**
 * Largest device that becomes one archive, bytes. S3 takes objects up to 5 TiB; what is left up to there is for
 * the encryption and some recovery data.
 */
export const DEVICE_ARCHIVE_BYTES_MAX = 5 * TB;

/** Refuses what cannot become an archive. Throws OptionRule, ArchiveTooLarge. */
export function checkArchiveUnit(request: {
  storeKind: StoreKind;
  type: JobType;
  sizeBytes: number;
  archive: ArchiveUnit;
}): void {
  const { storeKind, type, sizeBytes, archive } = request;
  if (archive === 'object') return;
  if (type === 'export' || !ARCHIVE_UNITS_OF[storeKind].includes(archive)) {
    const kinds = Object.entries(ARCHIVE_UNITS_OF).filter(([, units]) => units.includes(archive));
    throw new WaybillError('OptionRule', {
      option: 'one archive a device',
      rule: `is for imports into ${kinds.map(([kind]) => kind).join(', ')}`,
      fix: 'leave it out, or choose another store',
    });
  }
  checkArchiveBytes(sizeBytes, DEVICE_ARCHIVE_BYTES_MAX);
}

/** Throws ArchiveTooLarge. */
export function checkArchiveBytes(bytes: number, bytesMax: number): void {
  if (bytes <= bytesMax) return;
  throw new WaybillError('ArchiveTooLarge', {
    actual: formatBytes(bytes),
    limit: formatBytes(bytesMax),
    jobs: Math.ceil(bytes / DEVICE_ARCHIVE_BYTES_MAX),
    each: formatBytes(DEVICE_ARCHIVE_BYTES_MAX),
  });
}
