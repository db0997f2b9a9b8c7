import { readFileSync } from 'node:fs';
import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import type { StoreRequest } from '../../api/schemas/store-schemas.ts';
import { openStore } from '../../stores/open.ts';
import { consoleWorld, newJobBody } from '../../testing/console-world.ts';
import { s3Servers } from '../../testing/servers/s3-servers.ts';
import { listKeys } from '../../testing/store-world.ts';
import { openAdmin } from '../admin/open-admin.ts';
import { rotateMasterKey } from '../admin/rotate.ts';
import { custody } from '../db/schema/custody.ts';
import { storeEndpoints } from '../db/schema/store-endpoints.ts';
import { openSpec } from './open-store-spec.ts';

const SECRET = 'wJalrXUtnFEMI-secret-of-the-test';

const request = (changes: Partial<StoreRequest> = {}): StoreRequest => ({
  id: 'bulk',
  name: 'Bulk',
  kind: 's3',
  remote: { endpoint: 'http://127.0.0.1:9', region: 'us-east-1', pathStyle: true },
  credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: SECRET },
  ...changes,
});

describe('a key pair of a store', () => {
  test('goes in, is kept wrapped, and comes out for stations only', async () => {
    const world = await consoleWorld();
    const admin = await world.as('admin');
    const added = await admin.call('addStore', { body: request() });
    const listed = await admin.call('listStores');
    const log = await world.console.db.read.select().from(custody);
    const rows = await world.console.db.read.select().from(storeEndpoints);
    for (const seen of [added, listed, log, rows]) {
      expect(JSON.stringify(seen)).not.toContain(SECRET);
      expect(JSON.stringify(seen)).not.toContain('AKIAEXAMPLE');
    }
    expect(added.remote).toEqual(request().remote);
    await world.console.db.backup(`${world.console.config.dataDir}/copy.sqlite`);
    const file = readFileSync(`${world.console.config.dataDir}/copy.sqlite`);
    expect(file.includes(SECRET)).toBe(false);
    const spec = await openSpec(world.console, 'bulk', 'bucket');
    expect(spec).toMatchObject({ kind: 's3', remote: { credentials: request().credentials } });
  });

  test('opens in no other place', async () => {
    const world = await consoleWorld();
    const admin = await world.as('admin');
    for (const id of ['one', 'two']) await admin.call('addStore', { body: request({ id }) });
    const { db } = world.console;
    const [one] = await db.read
      .select()
      .from(storeEndpoints)
      .where(eq(storeEndpoints.storeId, 'one'));
    await db.transaction((tx) =>
      tx
        .update(storeEndpoints)
        .set({ wrappedCredentials: one?.wrappedCredentials ?? '' })
        .where(eq(storeEndpoints.storeId, 'two'))
        .then(() => undefined),
    );
    await expect(openSpec(world.console, 'two', 'b')).rejects.toMatchObject({
      code: 'KeyUnavailable',
    });
  });

  test('can be changed, by those who may', async () => {
    const world = await consoleWorld();
    const admin = await world.as('admin');
    await admin.call('addStore', { body: request() });
    const body = { accessKeyId: 'AKIANEW', secretAccessKey: 'new' };
    const change = { params: { storeId: 'bulk' }, body };
    const viewer = await world.as('viewer');
    await expect(viewer.call('changeStoreCredentials', change)).rejects.toMatchObject({
      code: 'Forbidden',
    });
    await admin.call('changeStoreCredentials', change);
    const spec = await openSpec(world.console, 'bulk', 'b');
    expect(spec).toMatchObject({ remote: { credentials: body } });
    await expect(
      admin.call('changeStoreCredentials', { ...change, params: { storeId: 'embedded' } }),
    ).rejects.toMatchObject({ code: 'Conflict' });
  });

  test('is wrapped again when the master key changes', async () => {
    const world = await consoleWorld();
    await (await world.as('admin')).call('addStore', { body: request() });
    const { dataDir } = world.console.config;
    const admin = await openAdmin({ data: dataDir }, process.cwd());
    await rotateMasterKey(admin, { retireOld: true });
    admin.db.close();
    expect(await openSpec(world.console, 'bulk', 'b')).toMatchObject({
      remote: { credentials: { secretAccessKey: SECRET } },
    });
  });
});

test.each<[string, Partial<StoreRequest>]>([
  ['s3 in a directory', { root: '/srv', remote: undefined, credentials: undefined }],
  ['an endpoint without a key pair', { credentials: undefined }],
  ['both places', { root: '/srv' }],
  [
    'a class that the kind has not',
    { kind: 'glacier', remote: { ...remoteOf(), storageClass: 'STANDARD' } },
  ],
  [
    'an address with a password',
    { remote: { ...remoteOf(), endpoint: 'https://u:p@example.com' } },
  ],
  ['no address', { remote: { ...remoteOf(), endpoint: 's3.example.com' } }],
])('%s is refused', async (_, changes) => {
  const world = await consoleWorld();
  const admin = await world.as('admin');
  const body = request(changes);
  await expect(admin.call('addStore', { body })).rejects.toMatchObject({ code: 'BadRequest' });
});

function remoteOf() {
  return { endpoint: 'https://s3.example.com', region: 'us-east-1', pathStyle: true };
}

describe.each(s3Servers())('with $name', ({ running }) => {
  test('a bucket is made and checked; what is wrong with it is said', async () => {
    const world = await consoleWorld();
    const admin = await world.as('admin');
    const { endpoint, region, credentials } = running();
    const remote = { endpoint, region, pathStyle: true };
    const body = request({ remote, credentials, bucket: 'first-bucket' });
    await admin.call('addStore', { body });
    const check = (bucket: string) =>
      admin.call('checkStore', { params: { storeId: 'bulk' }, body: { bucket } });
    const { rights, notes } = await check('first-bucket');
    expect(notes.join()).toContain('full-object CRC-32');
    expect(rights.map(({ right, state }) => [right, state])).toEqual(
      ['list', 'write', 'read', 'multipart', 'abort', 'delete', 'use'].map((right) => [
        ...[right, 'allowed'],
      ]),
    );
    await expect(check('nowhere')).rejects.toMatchObject({ code: 'BucketNotFound' });
    await admin.call('makeBucket', { params: { storeId: 'bulk' }, body: { bucket: 'second' } });
    await check('second');
    const store = openStore(await openSpec(world.console, 'bulk', 'second'));
    expect(await listKeys(store)).toEqual([]);
    await store.close();
  });
});

describe('a store', () => {
  test('is changed without its key pair, but for another address', async () => {
    const world = await consoleWorld();
    const admin = await world.as('admin');
    await admin.call('addStore', { body: request() });
    const change = (body: object) =>
      admin.call('changeStore', { params: { storeId: 'bulk' }, body });
    const remote = { ...remoteOf(), endpoint: 'http://127.0.0.1:9', storageClass: 'GLACIER_IR' };
    expect(await change({ name: 'Cold', remote })).toMatchObject({ name: 'Cold', remote });
    const kept = await openSpec(world.console, 'bulk', 'b');
    expect(kept).toMatchObject({ remote: { credentials: request().credentials } });
    const elsewhere = { remote: remoteOf() };
    await expect(change(elsewhere)).rejects.toMatchObject({ code: 'BadRequest' });
    const credentials = { accessKeyId: 'AKIANEW', secretAccessKey: 'new' };
    await change({ ...elsewhere, credentials });
    expect(await openSpec(world.console, 'bulk', 'b')).toMatchObject({ remote: { credentials } });
    for (const body of [{ root: '/srv' }, { remote: { ...remote, storageClass: 'LTO' } }])
      await expect(change(body)).rejects.toMatchObject({ code: 'BadRequest' });
    const log = JSON.stringify(await world.console.db.read.select().from(custody));
    expect(log).not.toContain('AKIANEW');
  });

  test('says which jobs use it, and each right that its folder gives', async () => {
    const world = await consoleWorld();
    const operator = await world.as('operator');
    const job = await operator.call('createJob', { body: newJobBody({}) });
    await operator.call('createJob', { body: newJobBody({}) });
    const cancel = { params: { jobId: job.id }, body: { action: 'cancel' } } as const;
    await operator.call('actOnJob', cancel);
    const { stores } = await operator.call('listStores');
    expect(stores).toMatchObject([{ id: 'embedded', jobs: 2, openJobs: 1 }]);
    const { rights } = await operator.call('checkStore', {
      params: { storeId: 'embedded' },
      body: { bucket: 'default' },
    });
    expect(rights.map(({ right, state }) => `${right} ${state}`)).toEqual(
      ['list', 'write', 'read', 'replace', 'sync', 'delete', 'use'].map((it) => `${it} allowed`),
    );
  });
});

test('an endpoint that is not there is named', async () => {
  const world = await consoleWorld();
  const admin = await world.as('admin');
  await admin.call('addStore', { body: request() });
  const check = { params: { storeId: 'bulk' }, body: { bucket: 'first' } };
  await expect(admin.call('checkStore', check)).rejects.toMatchObject({
    code: 'StoreUnavailable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});
