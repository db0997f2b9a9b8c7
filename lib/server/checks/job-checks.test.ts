import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { consoleWorld, newJobBody } from '../../testing/console-world.ts';
import { readableS3 } from '../../testing/servers/readable-s3.ts';

describe('a new job', () => {
  test('needs its bucket, unless it is said that the console does not reach it', async () => {
    const world = await consoleWorld();
    const operator = await world.as('operator');
    const body = newJobBody({ bucket: 'nowhere' });
    await expect(operator.call('createJob', { body })).rejects.toMatchObject({
      code: 'BucketNotFound',
    });
    const { jobs } = await operator.call('listJobs', { query: {} });
    expect(jobs).toEqual([]);
    const skipped = await operator.call('createJob', { body: { ...body, skipStoreCheck: true } });
    expect(skipped).toMatchObject({ bucket: 'nowhere', state: 'created' });
  });

  test('names the store that does not answer, and how to go on', async () => {
    const world = await consoleWorld();
    const admin = await world.as('admin');
    const remote = { endpoint: 'http://127.0.0.1:9', region: 'us-east-1', pathStyle: true };
    const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };
    const store = { id: 'far', name: 'Far', kind: 's3' as const, remote, credentials };
    await admin.call('addStore', { body: store });
    const body = newJobBody({ storeId: 'far', bucket: 'bucket' });
    await expect(admin.call('createJob', { body })).rejects.toMatchObject({
      code: 'StoreOutOfReach',
      next: expect.stringContaining('--skip-store-check'),
    });
  });

  test.skipIf(process.getuid?.() === 0)('names the right that is missing', async () => {
    const world = await consoleWorld();
    const operator = await world.as('operator');
    const dir = join(world.console.paths.store, 'readonly');
    mkdirSync(dir);
    chmodSync(dir, 0o500);
    const body = newJobBody({ bucket: 'readonly' });
    await expect(operator.call('createJob', { body })).rejects.toMatchObject({
      code: 'StoreRightsMissing',
      message: expect.stringContaining('write an object'),
    });
    chmodSync(dir, 0o700);
    rmSync(dir, { recursive: true });
  });

  test('of an export needs only to read, an import has to write', async () => {
    const world = await consoleWorld();
    const admin = await world.as('admin');
    const { place } = await readableS3(new Map([['a', { body: Buffer.from('a') }]]));
    const { credentials, ...remote } = place;
    const store = { id: 'ro', name: 'Read only', kind: 's3' as const, remote, credentials };
    await admin.call('addStore', { body: store });
    const body = newJobBody({ storeId: 'ro', bucket: 'bucket' });
    await expect(admin.call('createJob', { body })).rejects.toMatchObject({
      code: 'StoreRightsMissing',
      message: expect.stringContaining('write an object (AccessDenied'),
    });
    const job = await admin.call('createJob', { body: { ...body, type: 'export' } });
    expect(job.state).toBe('created');
  });
});
