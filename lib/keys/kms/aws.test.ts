import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { LoopbackServer } from '../../testing/servers/loopback-server.ts';
import { motoMissing, startMoto } from '../../testing/servers/moto.ts';
import { SERVER_START_MS } from '../../testing/servers/s3-servers.ts';
import { tempDir } from '../../testing/temp.ts';
import { type AwsKmsSettings, openAwsKms } from './aws.ts';
import { openKms } from './open.ts';

test('a service that is not there is named', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'testing');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'testing');
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
  const kms = openAwsKms({ keyId: 'k', region: 'us-east-1', endpoint: 'http://127.0.0.1:9' });
  await expect(kms.wrap(Buffer.from('x'), { use: 'test' })).rejects.toMatchObject({
    code: 'KeyUnavailable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
  vi.unstubAllEnvs();
});

const missing = motoMissing();
if (missing) console.warn(`tests of AWS KMS are left out: ${missing}`);

describe.skipIf(missing)('over the wire', () => {
  let server: LoopbackServer;
  let settings: AwsKmsSettings;
  beforeAll(async () => {
    server = await startMoto('/tmp');
    vi.stubEnv('AWS_ACCESS_KEY_ID', server.credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', server.credentials.secretAccessKey);
    const { CreateKeyCommand, KMSClient } = await import('@aws-sdk/client-kms');
    const client = new KMSClient({ region: server.region, endpoint: server.endpoint });
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
    settings = { keyId: KeyMetadata?.Arn ?? '', endpoint: server.endpoint };
  }, SERVER_START_MS);
  afterAll(async () => {
    await server.stop();
    vi.unstubAllEnvs();
  });

  test('secrets of any size come back, in their own place only', async () => {
    const kms = openAwsKms(settings);
    for (const secret of [Buffer.alloc(0), randomBytes(32), randomBytes(60_000)]) {
      const wrapped = await kms.wrap(secret, { job: 'a', use: 'test' });
      expect(wrapped.includes(secret.toString('base64')) && secret.length > 0).toBe(false);
      expect(await kms.unwrap(wrapped, { job: 'a', use: 'test' })).toEqual(secret);
      await expect(kms.unwrap(wrapped, { job: 'b', use: 'test' })).rejects.toMatchObject({
        code: 'KeyUnavailable',
      });
      const damaged = `${wrapped.slice(0, -6)}AAAAAA`;
      await expect(kms.unwrap(damaged, { job: 'a', use: 'test' })).rejects.toMatchObject({
        code: 'KeyUnavailable',
      });
    }
  });

  test('a data key comes back, in its own place only', async () => {
    const kms = openAwsKms(settings);
    const { plaintext, wrapped } = await kms.generateDataKey({ job: 'a' });
    expect(plaintext).toHaveLength(32);
    expect(await kms.unwrap(wrapped, { job: 'a' })).toEqual(plaintext);
    await expect(kms.unwrap(wrapped, { job: 'b' })).rejects.toMatchObject({
      code: 'KeyUnavailable',
    });
  });

  test('a key of its own can wrap a secret; KMS finds it by itself', async () => {
    const { CreateKeyCommand, DecryptCommand, KMSClient } = await import('@aws-sdk/client-kms');
    const client = new KMSClient({ region: server.region, endpoint: server.endpoint });
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
    const kms = openAwsKms(settings);
    const context = { job: 'a' };
    const wrapped = await kms.wrap(Buffer.from('secret'), context, KeyMetadata?.Arn);
    const CiphertextBlob = Buffer.from(wrapped.split(':')[1] ?? '', 'base64');
    const opened = await client.send(
      new DecryptCommand({ CiphertextBlob, EncryptionContext: context }),
    );
    expect(opened.KeyId).toBe(KeyMetadata?.Arn);
    expect(await kms.unwrap(wrapped, context)).toEqual(Buffer.from('secret'));
    await expect(
      kms.generateDataKey(context, settings.keyId.replace(/.$/, '-')),
    ).rejects.toMatchObject({ code: 'KeyUnavailable' });
  });

  test('an installation moves there and back', async () => {
    const file = join(tempDir(), 'keys.json');
    const secret = randomBytes(40);
    const context = { job: 'a' };
    const before = await openKms({ provider: 'local', file }).wrap(secret, context);
    const aws = openKms({ provider: 'aws', file, aws: settings });
    expect(aws.rotate()).toBe(settings.keyId);
    const moved = await aws.rewrap(before, context);
    aws.retireOld();
    expect(existsSync(file)).toBe(false);
    expect(await aws.unwrap(moved, context)).toEqual(secret);
    await expect(aws.unwrap(before, context)).rejects.toMatchObject({ code: 'KeyUnavailable' });
    const back = openKms({ provider: 'local', file, aws: settings });
    const home = await back.rewrap(moved, context);
    const alone = openKms({ provider: 'local', file });
    expect(await alone.unwrap(home, context)).toEqual(secret);
    await expect(alone.unwrap(moved, context)).rejects.toMatchObject({ code: 'KeyUnavailable' });
  });
});
