import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { TB } from '../../domain/sizes.ts';
import { consoleWorld, newJobBody } from '../../testing/console-world.ts';
import { tempDir } from '../../testing/temp.ts';
import { readConfig } from '../context/config.ts';
import { revealUnlockCode } from '../credentials/manifests.ts';
import { listCustody } from '../custody/log.ts';
import { openConsole } from '../startup/open-console.ts';
import { backUp, restore } from './backup.ts';
import { joinMasterKey, splitMasterKey } from './master-key-shares.ts';
import { openAdmin } from './open-admin.ts';
import { rotateMasterKey } from './rotate.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** An installation with a disk job, its backup without keys, and its keys in 5 shares, 3 of them needed. */
async function splitInstallation() {
  const world = await consoleWorld();
  const operator = await world.as('operator');
  const body = newJobBody({ option: 'disk', sizeBytes: TB });
  const { id: jobId } = await operator.call('createJob', { body });
  const { unlockCode } = await operator.call('revealUnlockCode', { params: { jobId } });
  const admin = openAdmin({ data: world.console.config.dataDir }, ROOT);
  onTestFinished(() => admin.db.close());
  const output = join(tempDir(), 'shares');
  const told = await splitMasterKey(admin, { shares: '5', threshold: '3', output });
  const share = (number: number) => join(output, `share-${number}-of-5.txt`);
  return { world, admin, jobId, unlockCode, output, told, share };
}

const opened = (data: string) =>
  openConsole(readConfig({ WAYBILL_DATA: data, WAYBILL_LOG: 'silent' }, ROOT));

test('an installation whose data directory is lost lives on from a backup and enough shares', async () => {
  const { world, admin, jobId, unlockCode, share } = await splitInstallation();
  const backup = join(tempDir(), 'backup');
  expect(await backUp(admin, backup, { keys: false })).toContain('without the master keys');
  expect(existsSync(join(backup, 'keys'))).toBe(false);
  world.console.close();
  rmSync(world.console.config.dataDir, { recursive: true });

  const data = join(tempDir(), 'again');
  expect(await restore({ data }, ROOT, backup)).toContain('join-master-key');
  await expect(opened(data)).rejects.toMatchObject({ code: 'KeyUnavailable' });
  // It made no others in their place.
  expect(existsSync(join(data, 'keys/master-keys.json'))).toBe(false);
  await expect(joinMasterKey({ data }, ROOT, [share(1), share(4)])).rejects.toMatchObject({
    code: 'SharesRefused',
  });
  const told = await joinMasterKey({ data }, ROOT, [share(5), share(1), share(4)]);
  expect(told).toContain('they open this installation');
  expect(statSync(join(data, 'keys/master-keys.json')).mode & 0o077).toBe(0);
  const console = await opened(data);
  onTestFinished(() => console.close());
  const actor = { id: 'person:x', role: 'admin', channel: 'token' } as const;
  expect(await revealUnlockCode(console, actor, jobId, new Date())).toBe(unlockCode);
});

test('shares are for their holders alone, and what was split is in the custody log without them', async () => {
  const { admin, output, told, share } = await splitInstallation();
  expect(statSync(output).mode & 0o077).toBe(0);
  const names = readdirSync(output);
  expect(names).toHaveLength(5);
  for (const name of names) expect(statSync(join(output, name)).mode & 0o077).toBe(0);
  const [set] = /(?<=set )[0-9a-f]{8}/.exec(told) ?? [];
  const entries = await listCustody(admin.db.read, { kind: 'installation.key-split', limit: 9 });
  expect(entries.map(({ detail }) => detail)).toEqual([{ set, shares: 5, threshold: 3 }]);
  expect(readFileSync(share(2), 'utf8')).toContain(`set ${set}, share 2 of 5, 3 needed`);
  await expect(
    splitMasterKey(admin, { shares: '5', threshold: '3', output }),
  ).rejects.toMatchObject({ code: 'Usage' });
});

test('shares of before a rotation, or of another installation, are refused before anything is written', async () => {
  const { world, admin, share } = await splitInstallation();
  const other = await splitInstallation();
  const data = world.console.config.dataDir;
  const keyFile = world.console.paths.masterKeys;
  const before = readFileSync(keyFile, 'utf8');
  const foreign = joinMasterKey({ data }, ROOT, [1, 2, 3].map(other.share));
  await expect(foreign).rejects.toThrow(/another one/);
  expect(readFileSync(keyFile, 'utf8')).toBe(before);
  await rotateMasterKey(admin, { retireOld: true });
  const rotated = readFileSync(keyFile, 'utf8');
  await expect(joinMasterKey({ data }, ROOT, [1, 2, 3].map(share))).rejects.toThrow(/rotation/);
  expect(readFileSync(keyFile, 'utf8')).toBe(rotated);
});
