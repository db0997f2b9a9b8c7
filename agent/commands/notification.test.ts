import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandHost } from '../../lib/testing/command-host.ts';
import { webhookReceiver } from '../../lib/testing/loopback-servers.ts';

test('a webhook is added, tried, named by a job, disabled and removed', async () => {
  const h = await commandHost();
  const admin = await h.world.as('admin');
  await admin.call('changeNotificationSettings', { body: { allowPrivateAddresses: true } });
  const hook = await webhookReceiver((_, count) => (count === 1 ? 500 : 204));
  const secretFile = join(h.dir, 'ops.secret');
  const notification = (...argv: string[]) => h.run('admin', 'notification', ...argv, '--json');
  const hears = ['--states', 'created,completed', '--no-incidents', '--only-named'];
  const where = ['--webhook', hook.url];
  expect(await notification('add', 'ops', ...where, ...hears)).toMatchObject({ exit: 2 });
  expect(hook.received).toEqual([]);
  const added = await notification('add', 'ops', ...where, ...hears, '--secret-file', secretFile);
  const target = added.last.target as { id: string };
  expect(target).toMatchObject({ everyJob: false, notifyAll: false, attention: false });
  const secret = readFileSync(secretFile, 'utf8').trim();
  expect(secret).toMatch(/^whsec_/);
  expect(statSync(secretFile).mode & 0o777).toBe(0o600);
  expect(added.out + added.talk).not.toContain(secret);
  const failed = await notification('test', target.id);
  expect(failed).toMatchObject({ exit: 1, last: { delivery: { state: 'failed' } } });
  const { id } = failed.last.delivery as { id: string };
  expect(await notification('redeliver', id)).toMatchObject({ exit: 0 });
  const job = ['--name', 'told', '--option', 'snowball', '--type', 'import', '--size', '50TB'];
  const place = ['--store', 'embedded', '--bucket', 'default'];
  const wishes = ['--notify', target.id, '--shipping-service', 'express', '--json'];
  const made = await h.run('operator', 'job', 'create', ...job, ...place, ...wishes);
  expect(made.last.job).toMatchObject({
    shippingService: 'express',
    notification: { targetIds: [target.id] },
  });
  const log = await h.run('admin', 'notification', 'log', '--target', target.id);
  expect(log.out).toMatch(/msg_\S+ .* ops .*told/);
  expect(await notification('change', target.id)).toMatchObject({ exit: 2 });
  const disabled = await notification('change', target.id, '--disable');
  expect(disabled.last.target).toMatchObject({ disabledAt: expect.any(String) });
  expect((await h.run('admin', 'notification', 'list')).out).toMatch(/ops .*disabled/);
  expect(await notification('remove', target.id)).toMatchObject({ exit: 0 });
  expect((await notification('list')).last).toMatchObject({ targets: 0 });
});
