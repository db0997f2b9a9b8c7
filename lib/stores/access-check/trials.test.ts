import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { missingRights } from '../../domain/store-rights.ts';
import { listening } from '../../testing/listening.ts';
import { type Fault, type FaultRule, faultProxy } from '../../testing/servers/fault-proxy.ts';
import { strictS3 } from '../../testing/servers/strict-s3.ts';
import { tryRights } from './check-access.ts';
import { requireStoreFor } from './job-access.ts';
import { RightTrials } from './trials.ts';

const DENIED =
  '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>not for you</Message></Error>';
const LISTING =
  '<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';

/** An endpoint that lists, writes and reads, and refuses uploads in parts and to delete. */
async function stingyEndpoint(): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  let kept: Buffer = Buffer.alloc(0);
  const server = createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const sent = await buffer(request);
    if (request.method === 'PUT') kept = sent;
    const may = request.method === 'GET' || request.method === 'PUT';
    const body = request.url?.includes('list-type') ? LISTING : kept;
    response.writeHead(may ? 200 : 403, { 'content-type': 'application/xml', etag: '"1"' });
    response.end(may ? body : DENIED);
  });
  return { url: await listening(server), asked };
}

test('each right is tried by itself, and what the store says to a refusal is kept', async () => {
  const { url, asked } = await stingyEndpoint();
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'x' };
  const remote = { endpoint: url, region: 'us-east-1', pathStyle: true, credentials };
  const { trials, capabilities } = await tryRights({ kind: 's3', bucket: 'bulk', remote });
  expect(trials.map(({ right, state }) => `${right} ${state}`)).toEqual([
    ...['list allowed', 'write allowed', 'read allowed'],
    ...['multipart refused', 'abort untried', 'delete refused'],
  ]);
  expect(missingRights(trials)).toBe(
    'write an object in parts (AccessDenied: not for you); delete an object (AccessDenied: not for you)',
  );
  expect(capabilities).toBeUndefined();
  expect(asked.filter((line) => line.startsWith('PUT'))).toHaveLength(1);
});

/** What the check says of an endpoint behind a proxy that does so to every request. */
async function checkedBehind(fault: Fault) {
  const { place } = await strictS3();
  const proxy = await faultProxy(place.endpoint, { rules: [{ fault }] });
  onTestFinished(() => proxy.close());
  const remote = { ...place, endpoint: proxy.endpoint, attempts: 2 };
  const checking = tryRights({ kind: 's3', bucket: 'bulk', remote });
  return checking.then(
    ({ trials }) => missingRights(trials),
    (error: unknown) => error,
  );
}

test.each<[Fault, RegExp | string]>([
  [{ do: 'refuse', status: 403, code: 'AccessDenied' }, /^list objects \(AccessDenied/],
  [{ do: 'refuse', status: 403, code: 'InvalidAccessKeyId' }, /InvalidAccessKeyId/],
  [{ do: 'refuse', status: 403, code: 'RequestTimeTooSkewed' }, /RequestTimeTooSkewed/],
  [
    { do: 'refuse', status: 400, code: 'AuthorizationHeaderMalformed' },
    /AuthorizationHeaderMalformed/,
  ],
  [{ do: 'refuse', status: 507, code: 'QuotaExceeded' }, 'StoreFull'],
  [{ do: 'refuse', status: 403, code: 'QuotaExceeded' }, 'StoreFull'],
  [{ do: 'refuse', status: 507, code: 'XMinioStorageFull' }, 'StoreFull'],
  [{ do: 'html', status: 507 }, 'StoreFull'],
  [{ do: 'refuse', status: 400, code: 'EntityTooLarge' }, 'StoreRefuses'],
  [{ do: 'html', status: 413 }, 'StoreRefuses'],
  [{ do: 'refuse', status: 503, code: 'SlowDown' }, 'StoreUnavailable'],
  [{ do: 'refuse', status: 404, code: 'NoSuchBucket' }, 'BucketNotFound'],
  [{ do: 'html', status: 200 }, 'StoreUnavailable'],
  [{ do: 'html', status: 403 }, /HTTP 403/],
  [{ do: 'reset-before' }, 'StoreUnavailable'],
  [{ do: 'lose-answer' }, 'StoreUnavailable'],
  [{ do: 'reset-in-request' }, 'StoreUnavailable'],
])('the check of a store that meets %j ends, and says so', async (fault, wanted) => {
  const said = await checkedBehind(fault);
  if (typeof wanted === 'string') expect(said).toMatchObject({ code: wanted });
  else expect(said).toMatch(wanted);
});

/** A store that is over its quota for requests that match: what a check says, and what is left in it. */
async function overQuota(rule: Omit<FaultRule, 'fault'>) {
  const { place, objects, seen } = await strictS3();
  const fault: Fault = { do: 'refuse', status: 507, code: 'QuotaExceeded', message: 'no more' };
  const proxy = await faultProxy(place.endpoint, { rules: [{ ...rule, fault }] });
  onTestFinished(() => proxy.close());
  const remote = { ...place, endpoint: proxy.endpoint, attempts: 1 };
  return { spec: { kind: 's3', bucket: 'bulk', remote } as const, objects, seen };
}

test('a quota is told as what it is, and to a new job too; a right is not missed', async () => {
  const { spec } = await overQuota({ method: 'PUT' });
  const full = {
    code: 'StoreFull',
    facts: { detail: expect.stringContaining('write an object: QuotaExceeded: no more') },
  };
  await expect(tryRights(spec)).rejects.toMatchObject(full);
  await expect(requireStoreFor('import', { spec, prefix: '' })).rejects.toMatchObject(full);
  await requireStoreFor('export', { spec, prefix: '' });
});

test('a quota that shows in the middle of the trials leaves no object and no upload', async () => {
  const { spec, objects, seen } = await overQuota({ path: /partNumber/ });
  await expect(tryRights(spec)).rejects.toMatchObject({ code: 'StoreFull' });
  expect([...objects.keys()]).toEqual([]);
  const uploads = seen.map(({ line }) => line).filter((line) => line.includes('-parts?upload'));
  expect(uploads.map((line) => line.split(' ')[0])).toEqual(['POST', 'DELETE']);
});

test.each([
  ['ENOSPC', 'StoreFull'],
  ['EDQUOT', 'StoreFull'],
  ['EACCES', undefined],
  ['EROFS', undefined],
])('a trial in a directory that meets %s says %s', async (errno, code) => {
  const rights = new RightTrials({ kind: 'directory', root: '/store', bucket: 'bulk' });
  await rights.try('write', [], () => {
    throw Object.assign(new RangeError(errno), { code: errno });
  });
  if (code === undefined) rights.requireRoom();
  else expect(() => rights.requireRoom()).toThrow(expect.objectContaining({ code }));
  expect(rights.trials).toMatchObject([{ right: 'write', state: 'refused' }]);
});
