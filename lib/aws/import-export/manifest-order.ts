import { stringify } from 'yaml';
import { prefix as keyPrefix } from '../../api/schemas/fields.ts';
import { DEVICE_ARCHIVE_BYTES_MAX } from '../../domain/archives.ts';
import { WaybillError } from '../../domain/errors.ts';
import { largestSize } from '../../domain/options.ts';
import { formatSize, parseBytes } from '../../domain/sizes.ts';
import type { ArchiveUnit, JobType, StoreKind } from '../../domain/words.ts';
import { facilityAddress } from '../../server/addresses/facility-address.ts';
import type { NewDiskOrder } from '../../server/aws/disk-orders.ts';
import { listStores } from '../../server/stores/stores.ts';
import { existingBucket, type StoreBucket } from '../buckets.ts';
import type { DiskCall } from './call.ts';
import {
  addressOf,
  checkCustoms,
  checkFields,
  invalidField,
  isYes,
  kindOf,
  missingField,
  operationOf,
  textField,
} from './check-manifest.ts';
import { ALL_FIELDS, type ManifestKind } from './manifest-fields.ts';
import { type ManifestMap, readManifest } from './read-manifest.ts';

/** The job that a manifest asks for, and what a client should know about it. */
export interface ReadOrder {
  order: NewDiskOrder;
  warning: string | undefined;
}

const KEY_BYTES_MAX = 1024;
const COMMENT_MAX = 997;

/** Reads and checks a manifest. Throws what is wrong with it, as one of the errors of the table. */
export async function orderOf(call: DiskCall, type: JobType, text: string): Promise<ReadOrder> {
  const { context, keyId } = call;
  const fields = readManifest(text);
  const kind = kindOf(type, fields);
  checkFields(kind, fields);
  const named = textField(fields, 'accessKeyId');
  if (named !== undefined && named !== keyId) throw new WaybillError('DiskKeyDiffers');
  const returnAddress = addressOf(fields);
  const facility = await facilityAddress(context.db.read);
  checkCustoms(fields, returnAddress.country, facility?.country);
  const place = await placeOf(call, kind, fields);
  const job = {
    name: `Disk ${textField(fields, 'deviceId')}`.slice(0, 100),
    option: 'disk' as const,
    type,
    sizeBytes: sizeOf(fields, place),
    encrypted: isEncrypted(type, fields),
    ...place,
  };
  return {
    order: {
      job,
      returnAddress,
      signedText: text,
      manifest: keptText(text, fields),
      carriesSignature: kind === 's3-import',
      log: await logOf(call, fields, place),
    },
    warning: warningOf(kind, fields),
  };
}

/** A disk may be as large as the option, or one archive, allows; a smaller size can be told. */
function sizeOf(fields: ManifestMap, { archive }: Place): number {
  const largest = archive === 'device' ? DEVICE_ARCHIVE_BYTES_MAX : largestSize('disk');
  const text = textField(fields, 'deviceSize');
  if (text === undefined) return largest;
  const bytes = parseBytes(text);
  if (bytes === undefined || bytes === 0)
    throw invalidField('deviceSize', 'is not a size such as 8TB');
  if (archive === 'device' && bytes > largest) {
    const problem = `is over ${formatSize(largest)}, the most that one archive takes: give "source: files" in its operation, or divide the data over several disks`;
    throw invalidField('deviceSize', problem);
  }
  return bytes;
}

/** As its field says; else what leaves the facility is encrypted, and what comes is if it has a password. */
function isEncrypted(type: JobType, fields: ManifestMap): boolean {
  if (textField(fields, 'encrypted') !== undefined) return isYes(fields, 'encrypted');
  return type === 'export' || textField(fields, 'trueCryptPassword') !== undefined;
}

interface Place extends StoreBucket {
  prefix: string;
  archive: ArchiveUnit;
  rangeBegin: string | null;
  rangeEnd: string | null;
}

/** What of a disk becomes an archive. AWS knows `device` alone. */
const ARCHIVE_SOURCES: Record<string, ArchiveUnit> = { device: 'device', files: 'object' };

async function placeOf(call: DiskCall, kind: ManifestKind, fields: ManifestMap): Promise<Place> {
  const whole = { prefix: '', archive: 'object', rangeBegin: null, rangeEnd: null } as const;
  switch (kind) {
    case 's3-import':
      return {
        ...whole,
        ...(await bucketOf(call, textField(fields, 'bucket') ?? '')),
        prefix: prefixOf(fields, 'prefix'),
      };
    case 's3-export': {
      const operation = operationOf(kind, fields);
      const begin = textField(operation, 'beginMarker');
      return {
        ...whole,
        ...(await bucketOf(call, textField(operation, 'exportBucket') ?? '', 'export')),
        prefix: prefixOf(operation, 'prefix'),
        // The marker itself stays behind: the next key that can be is the marker and the lowest character.
        rangeBegin: begin === undefined ? null : `${begin}\u0001`,
        rangeEnd: textField(operation, 'endMarker') ?? null,
      };
    }
    case 'ebs-import': {
      const name = textField(operationOf(kind, fields), 'bucket');
      return { ...whole, ...(await imagePlace(call, 'ebs', 'bucket', name)) };
    }
    case 'glacier-import': {
      const operation = operationOf(kind, fields);
      const comment = textField(operation, 'archiveComment') ?? '';
      if (comment.length > COMMENT_MAX) {
        throw invalidField('operations.archiveComment', `is longer than ${COMMENT_MAX} characters`);
      }
      const archive = ARCHIVE_SOURCES[textField(operation, 'source')?.toLowerCase() ?? ''];
      if (!archive) throw invalidField('operations.source', 'is neither "device" nor "files"');
      const vault = textField(operation, 'vaultName');
      return { ...whole, archive, ...(await imagePlace(call, 'glacier', 'vaultName', vault)) };
    }
  }
}

const bucketOf = (
  { context, actor }: DiskCall,
  name: string,
  type: JobType = 'import',
): Promise<StoreBucket> => existingBucket(context, actor, { name, type });

function prefixOf(fields: ManifestMap, name: string): string {
  const text = textField(fields, name) ?? '';
  if (keyPrefix.safeParse(text).success) return text;
  throw invalidField(name, 'cannot begin keys: no leading slash, no empty, "." or ".." part');
}

/** A bucket of a store of a kind: `STORE.BUCKET`, or BUCKET of the only such store. */
async function imagePlace(
  call: DiskCall,
  kind: StoreKind,
  field: string,
  name: string | undefined,
): Promise<StoreBucket> {
  const stores = (await listStores(call.context.db.read)).filter((store) => store.kind === kind);
  const [only, ...more] = stores;
  if (!only)
    throw invalidField(`operations.${field}`, `needs a store of kind ${kind}; none is there`);
  if (name === undefined) throw missingField(`operations.${field}`);
  const isNamed = stores.some(({ id }) => name.startsWith(`${id}.`));
  if (!isNamed && more.length > 0) {
    const ids = stores.map(({ id }) => id).join(', ');
    throw invalidField(
      `operations.${field}`,
      `names none of the stores ${ids}: write STORE.${name}`,
    );
  }
  return bucketOf(call, isNamed ? name : `${only.id}.${name}`);
}

async function logOf(call: DiskCall, fields: ManifestMap, place: StoreBucket) {
  const name = textField(fields, 'logBucket');
  const prefix = textField(fields, 'logPrefix') ?? '';
  const longest = `${prefix}import-log-ABCDE`;
  if (Buffer.byteLength(longest) > KEY_BYTES_MAX || !keyPrefix.safeParse(prefix).success) {
    throw invalidField('logPrefix', `cannot begin a key of at most ${KEY_BYTES_MAX} bytes`);
  }
  return { ...(name === undefined ? place : await bucketOf(call, name)), prefix };
}

/** Passwords are not kept: nobody here has a use for them, and GetStatus would tell them. */
function keptText(text: string, fields: ManifestMap): string {
  const secret = ALL_FIELDS.filter(([, { effect }]) => effect === 'withheld').map(([name]) => name);
  if (!secret.some((name) => Object.hasOwn(fields, name))) return text;
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    secret.includes(name) ? 'withheld' : value,
  ]);
  return stringify(Object.fromEntries(entries));
}

function warningOf(kind: ManifestKind, fields: ManifestMap): string | undefined {
  const present = (effect: string) =>
    ALL_FIELDS.filter(([name, rule]) => rule.effect === effect && textOrMore(fields, name))
      .map(([name]) => name)
      .join(', ');
  const ignored = present('warned');
  const withheld = present('withheld');
  const warnings = [
    ignored && `Not applied here: ${ignored}.`,
    withheld &&
      `Not kept: ${withheld}. A volume is encrypted with the key of its job; tell a PIN to the facility by another way.`,
    kind !== 's3-export' &&
      isYes(fields, 'eraseDevice') &&
      'The disk is returned as it came; the facility erases it afterwards only with waybill station erase.',
    kind === 's3-export' && 'The file system of the disk stays as it is; the disk must be empty.',
  ];
  return warnings.filter((warning) => warning).join(' ') || undefined;
}

const textOrMore = (fields: ManifestMap, name: string): boolean =>
  Object.hasOwn(fields, name) && fields[name] !== '';
