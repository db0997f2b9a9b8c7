import { expect, test } from 'vitest';
import { type ErrorCode, WaybillError } from '../../domain/errors.ts';
import { refusalFacts } from '../../domain/store-refusals.ts';
import { wireError } from './error-map.ts';

/** What a client of the two services gets: names, HTTP status, and the kind of resource. */
const TOLD: [ErrorCode, WaybillError['facts'], string, string, number][] = [
  ['StoreFull', { detail: 'x' }, 'InvalidResourceException', 'BucketPermissionException', 400],
  [
    'StoreRefuses',
    refusalFacts('size', 'x'),
    'InvalidResourceException',
    'BucketPermissionException',
    400,
  ],
  [
    'StoreRightsMissing',
    { bucket: 'b', type: 'import', rights: 'write' },
    'InvalidResourceException',
    'BucketPermissionException',
    400,
  ],
  ['BucketNotFound', { bucket: 'b' }, 'InvalidResourceException', 'NoSuchBucketException', 400],
];

test.each(TOLD)(
  '%s is told to clients as an error of the bucket',
  (code, facts, json, query, http) => {
    const error = new WaybillError(code, facts);
    expect(wireError(error, 'json')).toMatchObject({
      code: json,
      http,
      members: { ResourceType: 'Bucket' },
    });
    expect(wireError(error, 'query')).toMatchObject({ code: query, http });
  },
);
