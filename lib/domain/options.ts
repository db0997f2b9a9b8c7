import { checkArchiveUnit } from './archives.ts';
import { WaybillError } from './errors.ts';
import { formatBytes, formatSize, TB } from './sizes.ts';
import type { ArchiveUnit, DeviceOwner, JobType, Option, StoreKind, VolumeKind } from './words.ts';

/** What one service option allows. Everything that depends on the option reads this table. */
export interface OptionRules {
  label: string;
  summary: string;
  owner: DeviceOwner;
  /** `exact`: one of these sizes. `upTo`: any size up to the single entry. Bytes. */
  sizes: { kind: 'exact' | 'upTo'; bytes: readonly number[] };
  importInto: readonly StoreKind[];
  exportFrom: readonly StoreKind[];
  encryption: 'enforced' | 'optional';
  processing: boolean;
  managedInConsole: boolean;
  /** The provider sends its device to the site first; else the customer sends its own. */
  deviceShipsFirst: boolean;
}

const APPLIANCE = {
  owner: 'provider',
  sizes: { kind: 'exact', bytes: [50 * TB, 80 * TB] },
  importInto: ['s3', 'directory'],
  exportFrom: ['s3', 'directory'],
  encryption: 'enforced',
  managedInConsole: true,
  deviceShipsFirst: true,
} as const;

export const OPTION_RULES: Record<Option, OptionRules> = {
  snowball: {
    ...APPLIANCE,
    label: 'Snowball',
    summary: 'An appliance of the provider travels to the site and back. Always encrypted.',
    processing: false,
  },
  'snowball-edge': {
    ...APPLIANCE,
    label: 'Snowball Edge',
    summary: 'As Snowball, and data is processed at the edge before it comes back.',
    processing: true,
  },
  disk: {
    label: 'Import/Export Disk',
    summary: 'A disk of your own, up to 16 TB. Managed by command line and API, tracked here.',
    owner: 'customer',
    sizes: { kind: 'upTo', bytes: [16 * TB] },
    importInto: ['s3', 'directory', 'glacier', 'ebs'],
    exportFrom: ['s3', 'directory'],
    encryption: 'optional',
    processing: false,
    managedInConsole: false,
    deviceShipsFirst: false,
  },
};

/** The largest device of an option, bytes. */
export function largestSize(option: Option): number {
  return Math.max(...OPTION_RULES[option].sizes.bytes);
}

/** "50 TB or 80 TB", "up to 16 TB". */
export function describeSizes(option: Option): string {
  const { kind, bytes } = OPTION_RULES[option].sizes;
  const list = bytes.map(formatSize).join(' or ');
  return kind === 'exact' ? list : `up to ${list}`;
}

/** What a new job asks for, as far as the option decides about it. */
export interface JobRequest {
  option: Option;
  type: JobType;
  /** Declared device size, bytes. */
  sizeBytes: number;
  storeKind: StoreKind;
  encrypted: boolean;
  /** Number of processing steps asked for. */
  processingSteps: number;
  /** Default: each object. */
  archive?: ArchiveUnit | undefined;
}

/** Refuses a request that its option does not allow. Throws OptionRule, SizeOverLimit, ArchiveTooLarge, EncryptionEnforced, ProcessingNotOffered. */
export function checkJobRequest(request: JobRequest): void {
  const { option } = request;
  const rules = OPTION_RULES[option];
  checkSize(request);
  const stores = request.type === 'import' ? rules.importInto : rules.exportFrom;
  if (!stores.includes(request.storeKind)) {
    const verb = request.type === 'import' ? 'imports into' : 'exports from';
    throw new WaybillError('OptionRule', {
      option,
      rule: `${verb} ${stores.join(', ')}, not ${request.storeKind}`,
      fix: 'choose another store, or another option',
    });
  }
  checkArchiveUnit({ ...request, archive: request.archive ?? 'object' });
  if (rules.encryption === 'enforced' && !request.encrypted) {
    throw new WaybillError('EncryptionEnforced', { option });
  }
  if (!rules.processing && request.processingSteps > 0) {
    throw new WaybillError('ProcessingNotOffered', { option });
  }
  if (request.type === 'export' && request.processingSteps > 0) {
    throw new WaybillError('OptionRule', {
      option,
      rule: 'processes data at the site, while an import is loaded; an export is loaded at the facility',
      fix: 'leave out the processing steps, or make an import',
    });
  }
}

function checkSize({ option, sizeBytes }: JobRequest): void {
  const { kind, bytes } = OPTION_RULES[option].sizes;
  const limit = largestSize(option);
  if (sizeBytes > limit) {
    throw new WaybillError('SizeOverLimit', {
      moment: 'declared size',
      actual: formatBytes(sizeBytes),
      limit: formatBytes(limit),
      option,
      plan: planCommand(option, sizeBytes),
    });
  }
  const fits = kind === 'upTo' ? sizeBytes > 0 : bytes.includes(sizeBytes);
  if (!Number.isSafeInteger(sizeBytes) || !fits) {
    throw new WaybillError('OptionRule', {
      option,
      rule: `the device size is ${describeSizes(option)}, not ${formatBytes(sizeBytes)}`,
      fix: `choose ${describeSizes(option)}`,
    });
  }
}

/** Which volume a job writes: only an unencrypted disk job writes a bag. */
export function volumeKindOf(option: Option, encrypted: boolean): VolumeKind {
  return OPTION_RULES[option].encryption === 'optional' && !encrypted ? 'bag' : 'sealed';
}

/** How many jobs of which size carry so many bytes. */
export function planJobs(option: Option, bytes: number): { jobs: number; sizeBytes: number } {
  const { kind, bytes: sizes } = OPTION_RULES[option].sizes;
  const largest = largestSize(option);
  const jobs = Math.max(1, Math.ceil(bytes / largest));
  const share = Math.ceil(bytes / jobs);
  const fitting = [...sizes].sort((a, b) => a - b).find((size) => size >= share) ?? largest;
  return { jobs, sizeBytes: kind === 'upTo' ? largest : fitting };
}

/** "3 jobs of 80.0 TB: waybill job plan --option snowball --bytes 240000000000000". */
export function planCommand(option: Option, bytes: number): string {
  const { jobs, sizeBytes } = planJobs(option, bytes);
  return `${jobs} jobs of ${formatBytes(sizeBytes)} (waybill job plan --option ${option} --bytes ${bytes})`;
}
