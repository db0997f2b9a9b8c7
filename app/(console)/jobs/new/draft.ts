import type { JobRequest } from '../../../../lib/api/schemas/job-schemas.ts';
import { isWaybillError } from '../../../../lib/domain/errors.ts';
import type { JobNotification } from '../../../../lib/domain/notifications.ts';
import { checkJobRequest, largestSize, OPTION_RULES } from '../../../../lib/domain/options.ts';
import { shellWord } from '../../../../lib/domain/shell-word.ts';
import { parseBytes } from '../../../../lib/domain/sizes.ts';
import type {
  ArchiveUnit,
  JobType,
  Option,
  OverwritePolicy,
  ShippingService,
  StoreKind,
} from '../../../../lib/domain/words.ts';
import { type DraftPlan, planOf } from './draft-plan.ts';

/** A job while it is being asked for; sizes as they are typed. */
export interface Draft {
  option: Option;
  type: JobType;
  name: string;
  size: string;
  encrypted: boolean;
  storeId: string;
  bucket: string;
  prefix: string;
  /** What becomes one archive; of an export nothing. */
  archive: ArchiveUnit;
  /** What an import does with an object that is at the destination already. */
  overwritePolicy: OverwritePolicy;
  rangeBegin: string;
  rangeEnd: string;
  /** Of an export: whether completion reports in the bucket are taken, too. */
  includeReports: boolean;
  /** The console does not reach the store: the station tries it later. */
  skipStoreCheck: boolean;
  /** Empty: none yet. */
  addressId: string;
  /** Empty: as whoever ships it chooses. */
  shippingService: ShippingService | '';
  /** null: as the targets hear of every job. */
  notification: JobNotification | null;
  /** Processing at the edge, as it is typed; without steps there is none. */
  processing: DraftPlan;
}

export const NEW_DRAFT: Draft = {
  option: 'snowball',
  type: 'import',
  name: '',
  size: '50 TB',
  encrypted: true,
  storeId: 'embedded',
  bucket: 'default',
  prefix: '',
  archive: 'object',
  overwritePolicy: 'never',
  rangeBegin: '',
  rangeEnd: '',
  includeReports: false,
  skipStoreCheck: false,
  addressId: '',
  shippingService: '',
  notification: null,
  processing: { originals: 'leave-out', onFailure: 'keep', steps: [] },
};

/** The sizes that an option offers, as text; empty when any size up to a limit will do. */
export function offeredSizes(option: Option): string[] {
  const { kind, bytes } = OPTION_RULES[option].sizes;
  return kind === 'exact' ? bytes.map((size) => `${size / 1e12} TB`) : [];
}

/** The draft for another option: size and encryption follow its rules. */
export function withOption(draft: Draft, option: Option): Draft {
  const offered = offeredSizes(option);
  const size =
    offered.length > 0 && !offered.includes(draft.size) ? (offered[0] ?? '') : draft.size;
  const fits = offered.length > 0 || (parseBytes(size) ?? 0) <= largestSize(option);
  const enforced = OPTION_RULES[option].encryption === 'enforced';
  return {
    ...draft,
    option,
    size: fits ? size : '8 TB',
    encrypted: enforced ? true : draft.encrypted,
  };
}

const archiveOf = ({ type, archive }: Draft): ArchiveUnit =>
  type === 'import' ? archive : 'object';

const overwriteOf = ({ type, overwritePolicy }: Draft): OverwritePolicy =>
  type === 'import' ? overwritePolicy : 'never';

/** What the API is asked for. */
export function requestOf(draft: Draft): JobRequest {
  const { size, rangeBegin, rangeEnd, addressId, shippingService, notification, ...other } = draft;
  const { processing: _, ...rest } = other;
  const processing = planOf(draft);
  const range = draft.type === 'export' ? { rangeBegin, rangeEnd } : {};
  return {
    ...rest,
    sizeBytes: parseBytes(size) ?? 0,
    archive: archiveOf(draft),
    overwritePolicy: overwriteOf(draft),
    includeReports: draft.type === 'export' && draft.includeReports,
    ...(addressId && { addressId }),
    ...(shippingService && { shippingService }),
    ...(notification && { notification }),
    ...(processing && { processing }),
    ...Object.fromEntries(Object.entries(range).filter(([, key]) => key !== '')),
  };
}

/** What the rules of the option refuse, in words; undefined when it may be created. */
export function ruleProblem(draft: Draft, storeKind: StoreKind): string | undefined {
  const { option, type, encrypted } = draft;
  const sizeBytes = parseBytes(draft.size);
  if (!sizeBytes) return 'The size is a number with a unit, such as 8 TB.';
  try {
    const processingSteps = planOf(draft)?.steps.length ?? 0;
    const archive = archiveOf(draft);
    checkJobRequest({ option, type, sizeBytes, encrypted, storeKind, processingSteps, archive });
    return undefined;
  } catch (error) {
    if (!isWaybillError(error)) throw error;
    return `${error.message}: ${error.next}`;
  }
}

/** The command that creates the same job. */
export function createCommand(draft: Draft): string {
  const size = draft.size.replace(/\s/g, '');
  return [
    'waybill job create',
    `--name ${shellWord(draft.name || 'NAME')}`,
    `--option ${draft.option} --type ${draft.type} --size ${size}`,
    ...(draft.encrypted ? [] : ['--no-encryption']),
    `--store ${shellWord(draft.storeId)} --bucket ${shellWord(draft.bucket)}`,
    ...(draft.prefix ? [`--prefix ${shellWord(draft.prefix)}`] : []),
    ...(archiveOf(draft) === 'device' ? ['--archive device'] : []),
    ...(overwriteOf(draft) === 'never' ? [] : [`--overwrite ${draft.overwritePolicy}`]),
    ...(draft.addressId ? [`--address ${shellWord(draft.addressId)}`] : []),
    ...(draft.shippingService ? [`--shipping-service ${draft.shippingService}`] : []),
    ...(draft.notification?.targetIds ?? []).map((id) => `--notify ${shellWord(id)}`),
    ...(draft.type === 'export' && draft.rangeBegin
      ? [`--begin ${shellWord(draft.rangeBegin)}`]
      : []),
    ...(draft.type === 'export' && draft.rangeEnd ? [`--end ${shellWord(draft.rangeEnd)}`] : []),
    ...(draft.type === 'export' && draft.includeReports ? ['--include-reports'] : []),
    ...(draft.skipStoreCheck ? ['--skip-store-check'] : []),
  ].join(' ');
}
