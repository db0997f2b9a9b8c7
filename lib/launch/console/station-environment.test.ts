import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { stationEnvironment } from './station-environment.ts';

const SECRETS = {
  WAYBILL_MASTER_KEY: 'master-secret',
  WAYBILL_KMS_KEY: 'kms-secret',
  WAYBILL_OF_LATER: 'later-secret',
  AWS_ACCESS_KEY_ID: 'aws-secret',
  AWS_SECRET_ACCESS_KEY: 'aws-secret',
  AWS_WEB_IDENTITY_TOKEN_FILE: 'aws-secret',
  GOOGLE_APPLICATION_CREDENTIALS: 'cloud-secret',
  DATABASE_URL: 'database-secret',
  NODE_OPTIONS: '--no-warnings',
};

test('the embedded station gets nothing of the environment but what it needs', () => {
  const needed = {
    PATH: process.env.PATH ?? '',
    HOME: '/home/waybill',
    TZ: 'Europe/Berlin',
    LC_ALL: 'C.UTF-8',
    https_proxy: 'http://proxy:3128',
    NO_PROXY: 'localhost',
    NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
  };
  const env = stationEnvironment({ ...SECRETS, ...needed });
  // As a child sees it, which may be given more than was asked for.
  const { stdout } = spawnSync(
    process.execPath,
    ['-e', 'process.stdout.write(JSON.stringify(process.env))'],
    { env, encoding: 'utf8' },
  );
  expect(stdout).not.toContain('secret');
  expect(JSON.parse(stdout)).toEqual({ ...needed, NODE_ENV: 'production' });
});
