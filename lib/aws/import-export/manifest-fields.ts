/** The fields of a manifest of Import/Export, in one table: where they belong, what they hold, what comes of them. */

/** What a manifest is for. */
export type ManifestKind = 's3-import' | 's3-export' | 'ebs-import' | 'glacier-import';

type Value = 'text' | 'yes-no' | 'map' | 'list' | 'address' | readonly string[];

export interface FieldRule {
  kinds: readonly ManifestKind[];
  required: readonly ManifestKind[];
  value: Value;
  /** `used`: the job follows it. `kept`: told again by GetStatus. `warned`: not applied here. `withheld`: a secret, not kept. `refused`: it would change what is imported. */
  effect: 'used' | 'kept' | 'warned' | 'withheld' | 'refused';
}

const ALL = ['s3-import', 's3-export', 'ebs-import', 'glacier-import'] as const;
const IMPORT = ['s3-import'] as const;
const EXPORT = ['s3-export'] as const;
const IMAGES = ['ebs-import', 'glacier-import'] as const;
const NONE = [] as const;
const NOT_S3_IMPORT = ['s3-export', 'ebs-import', 'glacier-import'] as const;
const WITH_ERASE = ['s3-import', 'ebs-import', 'glacier-import'] as const;
const YES_NO = 'yes-no';

const field = (
  kinds: readonly ManifestKind[],
  required: readonly ManifestKind[],
  value: Value,
  effect: FieldRule['effect'],
): FieldRule => ({ kinds, required, value, effect });

// biome-ignore format: one field a line
export const COMMON_FIELDS: Record<string, FieldRule> = {
  manifestVersion: field(ALL, ALL, ['1.0', '1.1', '1.2', '2.0', '3.0'], 'kept'),
  accessKeyId: field(ALL, NONE, 'text', 'used'),
  deviceId: field(ALL, ALL, 'text', 'used'),
  returnAddress: field(ALL, ALL, 'address', 'used'),
  notificationEmail: field(ALL, NONE, 'text', 'kept'),
  logBucket: field(ALL, NOT_S3_IMPORT, 'text', 'used'),
  logPrefix: field(ALL, NONE, 'text', 'used'),
  serviceLevel: field(ALL, NONE, ['standard', 'expeditedShipping'], 'kept'),
  generator: field(ALL, NONE, 'text', 'kept'),
  pinCode: field(ALL, NONE, 'text', 'withheld'),
  trueCryptPassword: field(ALL, NONE, 'text', 'withheld'),
  customs: field(ALL, NONE, 'map', 'used'),
  // Waybill's own
  encrypted: field(ALL, NONE, YES_NO, 'used'),
  deviceSize: field(ALL, NONE, 'text', 'used'),
};

// biome-ignore format: one field a line
export const KIND_FIELDS: Record<string, FieldRule> = {
  eraseDevice: field(WITH_ERASE, WITH_ERASE, YES_NO, 'kept'),
  bucket: field(IMPORT, IMPORT, 'text', 'used'),
  prefix: field(IMPORT, NONE, 'text', 'used'),
  acl: field(IMPORT, NONE, ['private', 'public-read', 'public-read-write', 'authenticated-read'], 'warned'),
  cacheControl: field(IMPORT, NONE, 'text', 'warned'),
  contentDisposition: field(IMPORT, NONE, 'text', 'warned'),
  contentLanguage: field(IMPORT, NONE, 'text', 'warned'),
  expires: field(IMPORT, NONE, 'text', 'warned'),
  contentTypes: field(IMPORT, NONE, 'map', 'warned'),
  defaultContentType: field(IMPORT, NONE, 'text', 'warned'),
  diskTimestampMetadataKey: field(IMPORT, NONE, 'text', 'warned'),
  setContentEncodingForGzFiles: field(IMPORT, NONE, YES_NO, 'warned'),
  staticMetadata: field(IMPORT, NONE, 'map', 'warned'),
  storageClass: field(IMPORT, NONE, ['STANDARD', 'REDUCED_REDUNDANCY'], 'warned'),
  substitutions: field(IMPORT, NONE, 'map', 'refused'),
  ignore: field(IMPORT, NONE, 'list', 'refused'),
  fileSystem: field(EXPORT, EXPORT, 'text', 'used'),
  recoveryDirectory: field(EXPORT, NONE, 'text', 'warned'),
  operations: field([...EXPORT, ...IMAGES], [...EXPORT, ...IMAGES], 'list', 'used'),
};

/** Fields of one operation, and which of them are needed. */
export const OPERATION_FIELDS: Record<
  Exclude<ManifestKind, 's3-import'>,
  Record<string, boolean>
> = {
  's3-export': {
    exportBucket: true,
    prefix: false,
    beginMarker: false,
    endMarker: false,
    targetDirectory: false,
  },
  'ebs-import': { destination: true, source: true, region: false, bucket: false },
  'glacier-import': {
    destination: true,
    source: true,
    region: false,
    vaultName: true,
    archiveComment: true,
  },
};

/** Fields of returnAddress; true: needed. */
export const ADDRESS_FIELDS: Record<string, boolean> = {
  name: true,
  company: false,
  street1: true,
  street2: false,
  street3: false,
  city: true,
  stateOrProvince: false,
  postalCode: true,
  phoneNumber: true,
  country: true,
};

/** Fields of customs when a disk crosses a border; the encryption's class is needed for encrypted data. */
export const CUSTOMS_FIELDS: Record<string, 'text' | 'yes-no' | 'number'> = {
  dataDescription: 'text',
  encryptedData: 'yes-no',
  exportCertifierName: 'text',
  requiresExportLicense: 'yes-no',
  deviceValue: 'number',
  deviceCountryOfOrigin: 'text',
  deviceType: 'text',
  typeOfExport: 'text',
};

/** What the disk of an export may be formatted as; a volume needs nothing more of its file system. */
export const FILE_SYSTEMS = ['EXT4', 'NTFS'];

/** The rule of a field. */
export const fieldRule = (name: string): FieldRule | undefined =>
  Object.hasOwn(COMMON_FIELDS, name)
    ? COMMON_FIELDS[name]
    : Object.hasOwn(KIND_FIELDS, name)
      ? KIND_FIELDS[name]
      : undefined;

export const ALL_FIELDS: readonly [string, FieldRule][] = [
  ...Object.entries(COMMON_FIELDS),
  ...Object.entries(KIND_FIELDS),
];

/** Every name that a line of a manifest may begin with. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...ALL_FIELDS.map(([name]) => name),
  ...Object.keys(ADDRESS_FIELDS),
  ...Object.keys(CUSTOMS_FIELDS),
  'encryptionClassification',
  ...Object.values(OPERATION_FIELDS).flatMap((fields) => Object.keys(fields)),
]);
