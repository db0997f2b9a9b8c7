import { join } from 'node:path';
import { makeTree, snapshot } from '../lib/testing/trees.ts';
import { act, createJob, expect, reaches, takeCredentials, test } from './world.ts';

test('an export is filled at the facility and restored at the site', async ({
  signedIn: page,
  world,
}) => {
  const bucket = 'e2e-export';
  const api = await world.api();
  await api.call('makeBucket', { params: { storeId: 'embedded' }, body: { bucket } });
  const bucketDir = join(world.dataDir, 'store', bucket);
  makeTree(bucketDir, { seed: 2, files: 40, bytesMax: 100_000 });

  await createJob(page, world, { name: 'Back to the site', type: 'Export', bucket });
  await act(page, 'Start preparing');
  const device = world.device('SB-0002');
  await reaches(page, 'Ready to ship');
  await act(page, 'Ship to site', { carrier: 'Carrier One' });
  await act(page, 'Mark delivered to site');
  const { manifest, codeFile } = await takeCredentials(page, world);
  const restored = join(world.dir, 'restored');
  const credentials = ['--manifest', manifest, '--unlock-code-file', codeFile];
  const done = world.agent('restore', restored, '--device', device, ...credentials, '--json');
  expect(done.status).toBe(0);
  expect(snapshot(restored)).toEqual(snapshot(bucketDir));

  await act(page, 'Ship to facility', { carrier: 'Carrier One' });
  await reaches(page, 'Completed');
});
