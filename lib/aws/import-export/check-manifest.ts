import { type Address, checkAddress } from '../../domain/addresses.ts';
import { WaybillError } from '../../domain/errors.ts';
import { countryCode } from '../countries.ts';
import {
  ADDRESS_FIELDS,
  ALL_FIELDS,
  CUSTOMS_FIELDS,
  FILE_SYSTEMS,
  type FieldRule,
  fieldRule,
  type ManifestKind,
  OPERATION_FIELDS,
} from './manifest-fields.ts';
import type { ManifestMap, ManifestValue } from './read-manifest.ts';

/** The rules of the fields, applied. */

export const invalidField = (name: string, problem: string): WaybillError =>
  new WaybillError('DiskFieldInvalid', { field: name, problem });
export const missingField = (name: string): WaybillError =>
  new WaybillError('DiskFieldMissing', { field: name });

/** The text of a field; undefined when it is not there or empty. */
export function textField(fields: ManifestMap, name: string): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

export const isYes = (fields: ManifestMap, name: string): boolean =>
  /^(yes|true)$/i.test(textField(fields, name) ?? '');

/** What a manifest is for: its job's type, and where its first operation leads. Throws DiskFieldInvalid. */
export function kindOf(type: 'import' | 'export', fields: ManifestMap): ManifestKind {
  if (type === 'export') return 's3-export';
  const { operations } = fields;
  if (!Array.isArray(operations)) return 's3-import';
  const [first] = operations;
  const destination =
    first && typeof first === 'object' && !Array.isArray(first)
      ? textField(first, 'destination')?.toLowerCase()
      : undefined;
  if (destination === 'ebs' || destination === 'glacier') return `${destination}-import`;
  throw invalidField('operations', 'says neither "destination: ebs" nor "destination: glacier"');
}

/** Checks every field by the table. Throws DiskFieldMissing, DiskFieldInvalid, FileSystemInvalid. */
export function checkFields(kind: ManifestKind, fields: ManifestMap): void {
  for (const [name, value] of Object.entries(fields)) {
    const rule = fieldRule(name);
    if (!rule?.kinds.includes(kind)) throw invalidField(name, `does not belong to ${kind}`);
    if (rule.effect === 'refused') {
      throw invalidField(name, 'is not offered: choose and name the files when they are copied');
    }
    checkValue(name, rule, value);
  }
  const missing = ALL_FIELDS.find(
    ([name, rule]) => rule.required.includes(kind) && isEmpty(fields, name),
  );
  if (missing) throw missingField(missing[0]);
  if (kind === 's3-export') checkFileSystem(textField(fields, 'fileSystem') ?? '');
}

function isEmpty(fields: ManifestMap, name: string): boolean {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return value === undefined || value === '';
}

function checkValue(name: string, { value: wanted }: FieldRule, value: ManifestValue): void {
  if (value === '') return;
  if (wanted === 'list') {
    if (!Array.isArray(value)) throw invalidField(name, 'is not a list');
  } else if (wanted === 'map' || wanted === 'address') {
    if (typeof value === 'string' || Array.isArray(value)) {
      throw invalidField(name, 'is not a map of fields');
    }
  } else if (typeof value !== 'string') {
    throw invalidField(name, 'is not text');
  } else if (wanted === 'yes-no') {
    if (!/^(yes|no|true|false)$/i.test(value)) throw invalidField(name, 'is not yes or no');
  } else if (wanted !== 'text' && !wanted.includes(value.trim())) {
    throw invalidField(name, `is not one of ${wanted.join(', ')}`);
  }
}

function checkFileSystem(found: string): void {
  if (FILE_SYSTEMS.includes(found.toUpperCase())) return;
  throw new WaybillError('FileSystemInvalid', { found, known: FILE_SYSTEMS.join(', ') });
}

/** The one operation of a manifest. Throws DiskFieldMissing, DiskFieldInvalid. */
export function operationOf(
  kind: Exclude<ManifestKind, 's3-import'>,
  fields: ManifestMap,
): ManifestMap {
  const list = Array.isArray(fields.operations) ? fields.operations : [];
  const [operation, ...more] = list;
  if (operation === undefined || typeof operation === 'string' || Array.isArray(operation)) {
    throw missingField('operations');
  }
  if (more.length > 0) {
    throw invalidField('operations', 'has more than one: make a job for each, one bucket a job');
  }
  const rules = OPERATION_FIELDS[kind];
  for (const name of Object.keys(operation)) {
    if (!Object.hasOwn(rules, name)) {
      throw invalidField(`operations.${name}`, `does not belong to ${kind}`);
    }
  }
  for (const [name, required] of Object.entries(rules)) {
    if (required && textField(operation, name) === undefined) {
      throw missingField(`operations.${name}`);
    }
  }
  return operation;
}

/** The return address. Throws DiskFieldMissing, DiskFieldInvalid, AddressInvalid. */
export function addressOf({ returnAddress = {} }: ManifestMap): Address {
  const fields =
    typeof returnAddress === 'string' || Array.isArray(returnAddress) ? {} : returnAddress;
  for (const name of Object.keys(fields)) {
    if (!Object.hasOwn(ADDRESS_FIELDS, name)) {
      throw invalidField(`returnAddress.${name}`, 'is no field of an address');
    }
  }
  for (const [name, required] of Object.entries(ADDRESS_FIELDS)) {
    if (required && textField(fields, name) === undefined) {
      throw missingField(`returnAddress.${name}`);
    }
  }
  const text = (name: string) => textField(fields, name) ?? '';
  const address: Address = {
    name: text('name'),
    company: text('company'),
    street1: text('street1'),
    street2: text('street2'),
    street3: text('street3'),
    city: text('city'),
    stateOrProvince: text('stateOrProvince'),
    postalCode: text('postalCode'),
    phoneNumber: text('phoneNumber'),
    country: countryCode(text('country')),
    prefectureOrDistrict: '',
    landmark: '',
    isRestricted: false,
    type: 'delivery',
  };
  checkAddress(address);
  return address;
}

/** Member states of the European Union: no customs between them. */
// biome-ignore format: a list
const EU = ['AT', 'BE', 'BG', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GR', 'HR', 'HU', 'IE', 'IT', 'LT', 'LU', 'LV', 'MT', 'NL', 'PL', 'PT', 'RO', 'SE', 'SI', 'SK'];

/** Checks the customs of a disk between two countries; of the facility's only if it is known. Throws CustomsMissing, CustomsInvalid. */
export function checkCustoms(fields: ManifestMap, from: string, to: string | undefined): void {
  const { customs = {} } = fields;
  const given = typeof customs === 'string' || Array.isArray(customs) ? {} : customs;
  for (const [name, wanted] of Object.entries(CUSTOMS_FIELDS)) {
    const value = textField(given, name);
    if (value === undefined || wanted === 'text') continue;
    const pattern = wanted === 'yes-no' ? /^(yes|no|true|false)$/i : /^\d+(\.\d+)?$/;
    if (pattern.test(value)) continue;
    const problem = wanted === 'yes-no' ? 'is not yes or no' : 'is not a number';
    throw new WaybillError('CustomsInvalid', { field: name, problem });
  }
  const crosses = to !== undefined && from !== to && !(EU.includes(from) && EU.includes(to));
  if (!crosses) return;
  const needed = isYes(given, 'encryptedData')
    ? [...Object.keys(CUSTOMS_FIELDS), 'encryptionClassification']
    : Object.keys(CUSTOMS_FIELDS);
  const missing = needed.filter((name) => textField(given, name) === undefined);
  if (missing.length > 0) throw new WaybillError('CustomsMissing', { fields: missing.join(', ') });
}
