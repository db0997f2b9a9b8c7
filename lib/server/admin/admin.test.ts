import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { TB } from '../../domain/sizes.ts';
import {
  type ConsoleWorld,
  consoleWorld,
  emailOf,
  newJobBody,
  signIn,
} from '../../testing/console-world.ts';
import { tempDir } from '../../testing/temp.ts';
import { verifyCustody } from '../custody/log.ts';
import { backUp, restore } from './backup.ts';
import { type Admin, adminConfig, openAdmin } from './open-admin.ts';
import {
  createAccessToken,
  createPersonsAccessKey,
  createUser,
  resetPassword,
} from './people-admin.ts';
import { rotateMasterKey } from './rotate.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The data directory of a running console, opened by another process, so to speak. */
function adminOf({ console }: ConsoleWorld): Admin {
  const admin = openAdmin({ data: console.config.dataDir }, ROOT);
  onTestFinished(() => admin.db.close());
  return admin;
}

async function diskJob(world: ConsoleWorld) {
  const operator = await world.as('operator');
  const body = newJobBody({ option: 'disk', sizeBytes: TB });
  const { id } = await operator.call('createJob', { body });
  return { operator, params: { jobId: id } };
}

describe('people', () => {
  test('a lost password is never a lost installation', async () => {
    const world = await consoleWorld();
    const admin = adminOf(world);
    const said = await createUser(admin, { email: 'Ada@example.org', role: 'admin' });
    const first = /shown once: (\S+)/.exec(said)?.[1] ?? '';
    expect(await signIn(world.console, 'ada@example.org', first)).not.toBe('');
    const again = await resetPassword(admin, 'ada@example.org', {});
    const second = /shown once: (\S+)/.exec(again)?.[1] ?? '';
    expect(await signIn(world.console, 'ada@example.org', first)).toBe('');
    expect(await signIn(world.console, 'ada@example.org', second)).not.toBe('');
    await expect(resetPassword(admin, 'nobody@example.org', {})).rejects.toMatchObject({
      code: 'NotFound',
    });
    await expect(
      createUser(admin, { email: 'ada@example.org', role: 'admin' }),
    ).rejects.toMatchObject({
      code: 'EmailTaken',
    });
  });

  test('a password from a file is held to the same length', async () => {
    const world = await consoleWorld();
    const passwordFile = join(tempDir(), 'password');
    writeFileSync(passwordFile, 'short\n');
    const person = { email: 'a@example.org', role: 'viewer', passwordFile };
    await expect(createUser(adminOf(world), person)).rejects.toMatchObject({ code: 'BadRequest' });
  });

  test('an access key is its person’s', async () => {
    const world = await consoleWorld();
    await world.as('viewer');
    const token = await createAccessToken(adminOf(world), emailOf('viewer'), 'script');
    expect(token).toMatch(/^wbp_/);
  });

  test('an access key is a profile that can be added to a credentials file', async () => {
    const world = await consoleWorld();
    await world.as('viewer');
    const made = await createPersonsAccessKey(adminOf(world), emailOf('viewer'), {
      name: 'script',
      profile: 'site-1',
    });
    const file = '[default]\naws_access_key_id = A\naws_secret_access_key = B';
    const lines = `${file}\n${made}`.split('\n');
    expect(lines.indexOf('[site-1]')).toBeGreaterThan(2);
    expect(lines[lines.indexOf('[site-1]') + 1]).toMatch(/^aws_access_key_id = \w+$/);
    const broken = { name: 'script', profile: 'a]\n[b' };
    await expect(
      createPersonsAccessKey(adminOf(world), emailOf('viewer'), broken),
    ).rejects.toMatchObject({ code: 'Usage' });
  });
});

test('the master key is rotated under a running console, and what was wrapped still opens', async () => {
  const world = await consoleWorld();
  const { operator, params } = await diskJob(world);
  const { unlockCode } = await operator.call('revealUnlockCode', { params });
  const keyFile = world.console.paths.masterKeys;
  const before = readFileSync(keyFile, 'utf8');
  const said = await rotateMasterKey(adminOf(world), { retireOld: true });
  expect(said).toContain('4 entries wrapped again');
  expect(readFileSync(keyFile, 'utf8')).not.toBe(before);
  expect(Object.keys(JSON.parse(readFileSync(keyFile, 'utf8')).keys)).toHaveLength(1);
  expect(await operator.call('revealUnlockCode', { params })).toEqual({ unlockCode });
  const other = await diskJob(world);
  await other.operator.call('getManifest', { params: other.params });
});

test('a backup of a running console becomes the same installation elsewhere', async () => {
  const world = await consoleWorld();
  const { operator, params } = await diskJob(world);
  const { unlockCode } = await operator.call('revealUnlockCode', { params });
  const dir = join(tempDir(), 'backup');
  await backUp(adminOf(world), dir);
  expect(statSync(join(dir, 'waybill.db')).mode & 0o077).toBe(0);
  await expect(backUp(adminOf(world), dir)).rejects.toMatchObject({ code: 'Usage' });
  const data = join(tempDir(), 'elsewhere');
  await restore({ data }, ROOT, dir);
  await expect(restore({ data }, ROOT, dir)).rejects.toMatchObject({ code: 'Usage' });
  const { openConsole } = await import('../startup/open-console.ts');
  const { readConfig } = await import('../context/config.ts');
  const { revealUnlockCode } = await import('../credentials/manifests.ts');
  const second = await openConsole(readConfig({ WAYBILL_DATA: data, WAYBILL_LOG: 'silent' }, ROOT));
  onTestFinished(() => second.close());
  const actor = { id: 'person:x', role: 'admin', channel: 'token' } as const;
  expect(await revealUnlockCode(second, actor, params.jobId, new Date())).toBe(unlockCode);
  expect((await verifyCustody(second.db.read)).brokenAt).toBeUndefined();
});

test('a custody entry that was changed by hand is found', async () => {
  const world = await consoleWorld();
  await diskJob(world);
  const file = world.console.paths.database;
  expect(existsSync(file)).toBe(true);
  const raw = new Database(file);
  const change = "UPDATE custody SET actor = 'person:somebody' WHERE seq = 2";
  expect(() => raw.exec(change)).toThrow();
  raw.exec('DROP TRIGGER custody_no_update');
  raw.exec(change);
  raw.close();
  expect(await verifyCustody(adminOf(world).db.read)).toMatchObject({ entries: 1, brokenAt: 2 });
});

test('--data is a directory as seen from where the command was called', () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('INIT_CWD', undefined);
  expect(adminConfig({ data: 'data' }, ROOT).dataDir).toBe(join(process.cwd(), 'data'));
  vi.stubEnv('INIT_CWD', '/srv/here');
  expect(adminConfig({ data: 'data' }, ROOT).dataDir).toBe('/srv/here/data');
});
