import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ManifestSecrets, unlockManifest } from '../../lib/keys/manifest/manifest.ts';
import { commandHost } from '../../lib/testing/command-host.ts';
import { newJobBody } from '../../lib/testing/console-world.ts';
import { actOn, copyAtSite, device, facility } from '../../lib/testing/facility-world.ts';
import { makeTree } from '../../lib/testing/trees.ts';
import { RECEIPT_FILE } from '../host/context.ts';
import { prepare } from '../station/prepare.ts';
import { knownStates } from './known-states.ts';

test('the console of a manifest and this host say which seal they know, and who cannot be asked is no error', async () => {
  const h = await commandHost();
  const at = await facility(h.world);
  makeTree(at.source, { seed: 3, files: 3, bytesMax: 2000 });
  const { id: jobId } = await at.operator.call('createJob', { body: newJobBody() });
  const deviceDir = device(at, 'SB-1');
  await prepare(at.station, jobId, deviceDir);
  await actOn(at.operator, jobId, 'ship-to-site');
  await actOn(at.operator, jobId, 'deliver');
  const params = { jobId };
  const manifest = await at.operator.call('getManifest', { params });
  const { unlockCode } = await at.operator.call('revealUnlockCode', { params });
  const opened = await unlockManifest(new Uint8Array(await manifest.arrayBuffer()), unlockCode);
  const credentialsOf = (consoleUrl: string) => ({
    payload: { ...opened.payload, consoleUrl },
    secrets: opened.secrets satisfies ManifestSecrets,
  });
  const notes: string[] = [];
  const { output, signal } = at.station;
  const context = { output: { ...output, note: (text: string) => notes.push(text) }, signal };
  const dir = join(h.dir, 'state');
  mkdirSync(dir);
  expect(await knownStates(credentialsOf(h.url), dir, context)).toEqual([]);

  await copyAtSite(at, jobId, deviceDir);
  const { seal } = await at.operator.call('getJob', { params });
  const ofConsole = {
    by: 'the console',
    sealDigest: seal?.sealDigest,
    sealedAt: seal?.sealedAt,
  };
  expect(await knownStates(credentialsOf(h.url), dir, context)).toEqual([ofConsole]);
  expect(notes).toEqual([]);

  writeFileSync(join(dir, RECEIPT_FILE), 'no receipt');
  expect(await knownStates(credentialsOf('http://127.0.0.1:1'), dir, context)).toEqual([]);
  expect(notes).toEqual([expect.stringContaining('the console could not be asked')]);
});
