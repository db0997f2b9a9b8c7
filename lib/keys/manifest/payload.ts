import { isWaybillError, WaybillError } from '../../domain/errors.ts';
import { checkPlan, type ProcessingPlan } from '../../domain/processing.ts';
import {
  isWord,
  JOB_TYPES,
  type JobType,
  OPTIONS,
  type Option,
  OVERWRITE_POLICIES,
  type OverwritePolicy,
  STORE_KINDS,
  type StoreKind,
  VOLUME_KINDS,
  type VolumeKind,
} from '../../domain/words.ts';

export const MANIFEST_FORMAT = 'waybill-manifest/1';

/** What a manifest says in clear. Sizes bytes, times ISO 8601. */
export interface ManifestPayload {
  format: typeof MANIFEST_FORMAT;
  jobId: string;
  jobName: string;
  type: JobType;
  option: Option;
  deviceId: string;
  /** UUID. */
  volumeId: string;
  volumeKind: VolumeKind;
  /** Size of the job's device. */
  sizeBytes: number;
  store: { kind: StoreKind; bucket: string; prefix: string };
  /** What the import does with an object that is at the destination already. */
  overwritePolicy: OverwritePolicy;
  storeRules: { keyBytesMax: number; objectBytesMax: number };
  /** Steps that run on the data at the site, for the option that has them. */
  processing: ProcessingPlan | null;
  consoleUrl: string | null;
  caCertificatePem: string;
  issuedAt: string;
  expiresAt: string;
}

const bad = (name: string): WaybillError =>
  new WaybillError('ManifestInvalid', { detail: `${name} is missing or wrong` });

const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Checks every member of a payload that came from a file. Throws ManifestInvalid. */
export function checkPayload(value: unknown): ManifestPayload {
  const from = record(value, 'the payload');
  const store = record(from.store, 'store');
  const rules = record(from.storeRules, 'storeRules');
  if (from.format !== MANIFEST_FORMAT) throw bad('format');
  return {
    format: MANIFEST_FORMAT,
    jobId: matching(from.jobId, ID, 'jobId'),
    jobName: text(from.jobName, 'jobName'),
    type: word(JOB_TYPES, from.type, 'type'),
    option: word(OPTIONS, from.option, 'option'),
    deviceId: matching(from.deviceId, ID, 'deviceId'),
    volumeId: matching(from.volumeId, UUID, 'volumeId'),
    volumeKind: word(VOLUME_KINDS, from.volumeKind, 'volumeKind'),
    sizeBytes: size(from.sizeBytes, 'sizeBytes'),
    store: {
      kind: word(STORE_KINDS, store.kind, 'store.kind'),
      bucket: text(store.bucket, 'store.bucket'),
      prefix: text(store.prefix, 'store.prefix'),
    },
    // Manifests of before the policy was a choice.
    overwritePolicy:
      from.overwritePolicy === undefined
        ? 'never'
        : word(OVERWRITE_POLICIES, from.overwritePolicy, 'overwritePolicy'),
    storeRules: {
      keyBytesMax: size(rules.keyBytesMax, 'storeRules.keyBytesMax'),
      objectBytesMax: size(rules.objectBytesMax, 'storeRules.objectBytesMax'),
    },
    processing: from.processing === null ? null : plan(from.processing),
    consoleUrl: from.consoleUrl === null ? null : text(from.consoleUrl, 'consoleUrl'),
    caCertificatePem: text(from.caCertificatePem, 'caCertificatePem'),
    issuedAt: time(from.issuedAt, 'issuedAt'),
    expiresAt: time(from.expiresAt, 'expiresAt'),
  };
}

function plan(value: unknown): ProcessingPlan {
  try {
    return checkPlan(value);
  } catch (error) {
    throw isWaybillError(error, 'ProcessingInvalid') ? bad('processing') : error;
  }
}

/** A JSON object. Throws ManifestInvalid. */
export function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(name);
  return value as Record<string, unknown>;
}

/** A text of at most 16 KiB. Throws ManifestInvalid. */
export function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value.length > 16_384) throw bad(name);
  return value;
}

function matching(value: unknown, pattern: RegExp, name: string): string {
  const found = text(value, name);
  if (!pattern.test(found)) throw bad(name);
  return found;
}

function word<T extends string>(words: readonly T[], value: unknown, name: string): T {
  if (!isWord(words, value)) throw bad(name);
  return value;
}

function size(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0) throw bad(name);
  return value;
}

function time(value: unknown, name: string): string {
  const found = text(value, name);
  if (Number.isNaN(Date.parse(found))) throw bad(name);
  return found;
}
