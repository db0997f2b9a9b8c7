import { describe, expect, test } from 'vitest';
import { addressOf, checkCustoms, checkFields, kindOf, operationOf } from './check-manifest.ts';
import type { ManifestMap } from './read-manifest.ts';

const refusal = (code: string, facts: object = {}) =>
  expect.objectContaining({ code, facts: expect.objectContaining(facts) });

const ADDRESS: ManifestMap = {
  name: 'Ada Lovelace',
  street1: 'Unter den Linden 1',
  city: 'Berlin',
  postalCode: '10117',
  phoneNumber: '+49 30 1234567',
  country: 'Germany',
};
const IMPORT: ManifestMap = {
  manifestVersion: '2.0',
  deviceId: '0123',
  bucket: 'default',
  eraseDevice: 'yes',
  returnAddress: ADDRESS,
};
const EXPORT: ManifestMap = {
  manifestVersion: '2.0',
  deviceId: '0123',
  logBucket: 'default',
  fileSystem: 'ext4',
  operations: [{ exportBucket: 'default' }],
  returnAddress: ADDRESS,
};

describe('the fields of a manifest', () => {
  test('that are whole pass', () => {
    checkFields('s3-import', IMPORT);
    checkFields('s3-export', EXPORT);
  });

  test.each<[string, 's3-import' | 's3-export', ManifestMap, string, object]>([
    [
      'nothing that is needed',
      's3-import',
      { bucket: '' },
      'DiskFieldMissing',
      { field: 'bucket' },
    ],
    ['an unknown one', 's3-import', { colour: 'red' }, 'DiskFieldInvalid', { field: 'colour' }],
    ['one of another kind', 's3-export', { bucket: 'b' }, 'DiskFieldInvalid', { field: 'bucket' }],
    ['one that would choose files', 's3-import', { ignore: ['x'] }, 'DiskFieldInvalid', {}],
    ['another yes', 's3-import', { eraseDevice: 'sure' }, 'DiskFieldInvalid', {}],
    ['a word of no list', 's3-import', { acl: 'open' }, 'DiskFieldInvalid', { field: 'acl' }],
    ['a map for text', 's3-import', { prefix: {} }, 'DiskFieldInvalid', { field: 'prefix' }],
    ['text for a map', 's3-import', { customs: 'none' }, 'DiskFieldInvalid', { field: 'customs' }],
    ['text for a list', 's3-export', { operations: 'x' }, 'DiskFieldInvalid', {}],
    [
      'a strange file system',
      's3-export',
      { fileSystem: 'ZX' },
      'FileSystemInvalid',
      { found: 'ZX' },
    ],
    ['a name of every object', 's3-import', { constructor: 'x' }, 'DiskFieldInvalid', {}],
  ])('refuse %s', (_, kind, change, code, facts) => {
    const fields = { ...(kind === 's3-import' ? IMPORT : EXPORT), ...change };
    expect(() => checkFields(kind, fields)).toThrow(refusal(code, facts));
  });
});

describe('the operation of a manifest', () => {
  test('leads to images of EBS or archives of Glacier, or nowhere', () => {
    const to = (destination: string) => kindOf('import', { operations: [{ destination }] });
    expect([to('EBS'), to('glacier'), kindOf('import', {})]).toEqual([
      ...['ebs-import', 'glacier-import', 's3-import'],
    ]);
    expect(() => to('tape')).toThrow(refusal('DiskFieldInvalid', { field: 'operations' }));
  });

  test.each<[string, ManifestMap, string]>([
    ['no operation', { operations: [] }, 'DiskFieldMissing'],
    ['an operation that is text', { operations: ['x'] }, 'DiskFieldMissing'],
    ['two', { operations: [{ exportBucket: 'a' }, { exportBucket: 'b' }] }, 'DiskFieldInvalid'],
    ['a field of none', { operations: [{ exportBucket: 'a', colour: 'x' }] }, 'DiskFieldInvalid'],
    ['none of the bucket', { operations: [{ exportBucket: ' ' }] }, 'DiskFieldMissing'],
  ])('is refused where there is %s', (_, fields, code) => {
    expect(() => operationOf('s3-export', fields)).toThrow(refusal(code));
  });
});

describe('the return address', () => {
  test.each<[string, ManifestMap, string, object]>([
    ['without a street', { street1: '' }, 'DiskFieldMissing', { field: 'returnAddress.street1' }],
    [
      'with a field of none',
      { planet: 'x' },
      'DiskFieldInvalid',
      { field: 'returnAddress.planet' },
    ],
    ['with a postal code of elsewhere', { postalCode: 'x' }, 'AddressInvalid', {}],
  ])('%s is refused', (_, change, code, facts) => {
    const returnAddress = { ...ADDRESS, ...change };
    expect(() => addressOf({ returnAddress })).toThrow(refusal(code, facts));
  });
});

describe('customs', () => {
  const CUSTOMS = { dataDescription: 'photos', encryptedData: 'no', deviceValue: '100' };

  test('are not asked for within the Union, or where nobody knows the facility', () => {
    checkCustoms({}, 'DE', 'FR');
    checkCustoms({}, 'DE', 'DE');
    checkCustoms({}, 'DE', undefined);
  });

  test('are asked for across its border, each missing field by name', () => {
    expect(() => checkCustoms({ customs: CUSTOMS }, 'DE', 'US')).toThrow(
      refusal('CustomsMissing', { fields: expect.not.stringContaining('dataDescription') }),
    );
  });

  test.each([
    ['encryptedData', 'perhaps'],
    ['deviceValue', 'much'],
  ])('are refused where %s is %s, also when none are asked for', (field, value) => {
    const customs = { ...CUSTOMS, [field]: value };
    expect(() => checkCustoms({ customs }, 'DE', 'DE')).toThrow(
      refusal('CustomsInvalid', { field }),
    );
  });
});
