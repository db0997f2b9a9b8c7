import { expect, test } from 'vitest';
import { consoleWorld, newJobBody } from '../testing/console-world.ts';

test('the custody log is filtered by the server, shows names, and is downloaded whole', async () => {
  const { as } = await consoleWorld();
  const [admin, operator] = [await as('admin'), await as('operator')];
  const job = await operator.call('createJob', { body: newJobBody() });
  await operator.call('createJob', { body: newJobBody() });
  await admin.call('addDevice', { body: { id: 'SB-1', capacityBytes: 80e12 } });
  const kinds = async (query: Record<string, string>) =>
    (await admin.call('listCustody', { query })).entries.map(({ kind }) => kind);
  expect(await kinds({ kind: 'job.created' })).toEqual(['job.created', 'job.created']);
  expect(await kinds({ kind: 'device' })).toEqual(['device.added']);
  expect(await kinds({ kind: 'jo' })).toEqual([]);
  expect(await kinds({ jobId: job.id })).toEqual(['job.created']);
  expect(await kinds({ deviceId: 'SB-1' })).toEqual(['device.added']);
  expect(await kinds({ actor: 'operator@example.org', kind: 'job' })).toHaveLength(2);
  expect(await kinds({ actor: 'operator', kind: 'job' })).toHaveLength(2);
  expect(await kinds({ actor: 'nobody' })).toEqual([]);
  expect(await kinds({ to: '2020-01-01T00:00:00Z' })).toEqual([]);
  const all = await admin.call('listCustody', { query: { from: '2020-01-01T00:00:00Z' } });
  expect(all.names['person:operator@example.org']).toBe('operator');
  expect(all.names[job.id]).toBe(job.name);
  const lines = await (await admin.call('exportCustody')).text();
  const entries = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(entries.map(({ seq }) => seq)).toEqual(all.entries.map(({ seq }) => seq).reverse());
  const some = await (await admin.call('exportCustody', { query: { kind: 'device' } })).text();
  expect(some.trim().split('\n')).toHaveLength(1);
});
