import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { RETRY_SECONDS } from '../../domain/notifications.ts';
import { headIn, readHead } from '../../keys/custody/head.ts';
import { consoleWorld, newJobBody } from '../../testing/console-world.ts';
import { mailReceiver, webhookReceiver } from '../../testing/loopback-servers.ts';
import { deliverDue, prune, startDispatcher } from './dispatch.ts';

const open = { body: { allowPrivateAddresses: true } };
const hook = (address: string, more: object = {}) => ({
  body: { name: 'Hook', kind: 'webhook' as const, address, ...more },
});
const now = () => new Date();
const smtp = (port: number) => ({
  host: '127.0.0.1',
  port,
  security: 'none' as const,
  user: 'waybill',
  password: 'secret',
  from: 'waybill@example.org',
});

describe('a webhook', () => {
  test('is told of a change, signed as Standard Webhooks has it', async () => {
    const { as, console } = await consoleWorld();
    const [admin, operator] = [await as('admin'), await as('operator')];
    const { url, received } = await webhookReceiver(() => 204);
    await admin.call('changeNotificationSettings', open);
    const target = await admin.call('addTarget', hook(url));
    const secret = target.secret ?? '';
    expect(secret).toMatch(/^whsec_/);
    const job = await operator.call('createJob', { body: newJobBody() });
    expect(await deliverDue(console, now)).toBe(1);
    expect(await deliverDue(console, now)).toBe(0);
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    const said = { type: 'job.state', data: { jobId: job.id, state: 'created' } };
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject(said);
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const hmac = createHmac('sha256', key).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${hmac}`);
    expect(JSON.parse(body).data.url).toBe(`${console.config.publicUrl}/jobs/${job.id}`);
    const { deliveries } = await admin.call('listDeliveries', { query: { jobId: job.id } });
    expect(deliveries).toMatchObject([{ state: 'delivered', attempts: [{ status: 204 }] }]);
    expect(JSON.stringify(await admin.call('listTargets'))).not.toContain(secret.slice(6));
    const [seen] = (await operator.call('listTargets')).targets;
    expect(seen?.address).toBe(`${new URL(url).origin}/…`);
  });

  test('of a job that ended carries a signed head of the custody log that covers its end; a mail does, too', async () => {
    const { as, console } = await consoleWorld();
    const admin = await as('admin');
    const { url, received } = await webhookReceiver(() => 204);
    const { port, mails } = await mailReceiver();
    await admin.call('changeNotificationSettings', {
      body: { allowPrivateAddresses: true, smtp: smtp(port) },
    });
    await admin.call('addTarget', hook(url));
    const mail = { name: 'Mail', kind: 'email' as const, address: 'ada@example.org' };
    await admin.call('addTarget', { body: mail });
    const { id: jobId } = await admin.call('createJob', { body: newJobBody() });
    await admin.call('actOnJob', { params: { jobId }, body: { action: 'cancel' } });
    await deliverDue(console, now);
    const trust = { caPem: console.authority.certificatePem };
    const { entries } = await admin.call('verifyCustody');
    const bodies = received.map(({ body }) => body).filter((body) => body.includes('cancelled'));
    expect(bodies).toHaveLength(1);
    const texts = [...bodies, ...mails.filter((text) => text.includes('is cancelled'))];
    for (const text of texts) {
      const { head } = readHead(headIn(Buffer.from(text)), { trust });
      const { entries: logged } = await admin.call('jobCustody', { params: { jobId } });
      expect(head.seq).toBe(entries);
      expect(head.hash).toBe(logged.at(-1)?.hash);
    }
    expect(texts).toHaveLength(2);
  });

  test('is tried again with the same id, longer apart each time, then given up and disabled', async () => {
    const { as, console } = await consoleWorld();
    const admin = await as('admin');
    const { url, received } = await webhookReceiver(() => 500);
    await admin.call('changeNotificationSettings', open);
    const { id: targetId } = await admin.call('addTarget', hook(url));
    await admin.call('createJob', { body: newJobBody() });
    let clock = Date.now();
    for (const wait of [0, ...RETRY_SECONDS]) {
      expect(await deliverDue(console, () => new Date(clock + wait * 1000 - 1))).toBe(wait ? 0 : 1);
      // The tenth of chance is on top of the wait.
      clock += wait * 1100;
      if (wait) expect(await deliverDue(console, () => new Date(clock))).toBe(1);
    }
    expect(received).toHaveLength(RETRY_SECONDS.length + 1);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    const [target] = (await admin.call('listTargets')).targets;
    expect(target).toMatchObject({ disabledWhy: expect.stringContaining('the answer was 500') });
    const [delivery] = (await admin.call('listDeliveries')).deliveries;
    expect(delivery).toMatchObject({ state: 'failed' });
    await admin.call('createJob', { body: newJobBody() });
    expect((await admin.call('listDeliveries')).deliveries).toHaveLength(1);
    const again = { params: { deliveryId: delivery?.id ?? '' } };
    await expect(admin.call('redeliver', again)).rejects.toMatchObject({ code: 'TargetDisabled' });
    await admin.call('changeTarget', { params: { targetId }, body: { disabled: false } });
    expect(await admin.call('redeliver', again)).toMatchObject({ state: 'waiting' });
    const { entries } = await admin.call('listCustody');
    expect(entries.filter(({ kind }) => kind === 'notification.target')).toHaveLength(3);
  });

  test('that answers "gone" is disabled at once; a redirect is not followed', async () => {
    const { as, console } = await consoleWorld();
    const admin = await as('admin');
    const gone = await webhookReceiver(() => 410);
    const moved = await webhookReceiver(() => 302);
    await admin.call('changeNotificationSettings', open);
    await admin.call('addTarget', hook(gone.url));
    await admin.call('addTarget', hook(moved.url, { name: 'Moved' }));
    await admin.call('createJob', { body: newJobBody() });
    await deliverDue(console, now);
    const { targets } = await admin.call('listTargets');
    expect(targets.map(({ disabledWhy }) => disabledWhy)).toEqual([
      ...['it answered 410: gone', null],
    ]);
    expect(moved.received).toHaveLength(1);
    const { deliveries } = await admin.call('listDeliveries', {
      query: { targetId: targets[1]?.id },
    });
    expect(deliveries).toMatchObject([{ state: 'waiting', attempts: [{ status: 302 }] }]);
  });

  test('inside is refused unless that is allowed: by address, by name, and at the time of sending', async () => {
    const { as, console } = await consoleWorld();
    const admin = await as('admin');
    const { url, received } = await webhookReceiver(() => 200);
    const refused = [
      ...[url, 'http://[::1]/', 'http://[::ffff:10.0.0.1]/', 'http://169.254.169.254/latest'],
      ...['http://0x7f.1/', 'ftp://example.org/', 'http://a:b@example.org/', 'no url'],
    ];
    for (const address of refused)
      await expect(admin.call('addTarget', hook(address))).rejects.toMatchObject({
        code: 'WebhookRefused',
      });
    const byName = url.replace('127.0.0.1', 'localhost');
    const { id: targetId } = await admin.call('addTarget', hook(byName));
    const tested = await admin.call('testTarget', { params: { targetId } });
    expect(tested).toMatchObject({
      state: 'failed',
      attempts: [{ status: null, error: expect.stringContaining('private network') }],
    });
    await admin.call('changeNotificationSettings', open);
    expect(await admin.call('testTarget', { params: { targetId } })).toMatchObject({
      state: 'delivered',
    });
    expect(received).toHaveLength(1);
    expect(await deliverDue(console, now)).toBe(0);
  });

  test('hears what it chose, or what a job chose for it', async () => {
    const { as } = await consoleWorld();
    const [admin, operator] = [await as('admin'), await as('operator')];
    const add = async (name: string, more: object) =>
      (await admin.call('addTarget', hook('https://example.org/h', { name, ...more }))).id;
    await add('all', {});
    await add('ends', { notifyAll: false, states: ['completed', 'cancelled'], attention: false });
    const named = await add('named', { everyJob: false });
    const own = { targetIds: [named], notifyAll: false, states: ['cancelled' as const] };
    const job = await operator.call('createJob', { body: newJobBody({ notification: own }) });
    const params = { jobId: job.id };
    expect(job.notification).toEqual({ ...own, attention: true });
    await admin.call('reportIncident', { params, body: { kind: 'damaged', note: 'dented' } });
    await admin.call('resolveIncident', { params, body: {} });
    await operator.call('actOnJob', { params, body: { action: 'cancel' } });
    const { deliveries } = await admin.call('listDeliveries');
    const told = deliveries.map(({ targetName, summary }) => `${targetName}: ${summary}`).sort();
    expect(told).toEqual([
      'all: job A job is cancelled',
      'all: job A job is created',
      'all: job A job needs attention: damaged',
      'all: job A job needs no attention any more',
      'ends: job A job is cancelled',
      'named: job A job is cancelled',
      'named: job A job needs attention: damaged',
      'named: job A job needs no attention any more',
    ]);
    const unknown = { ...own, targetIds: ['nobody'] };
    await expect(
      operator.call('createJob', { body: newJobBody({ notification: unknown }) }),
    ).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('that is removed hears nothing more; a new secret voids the old one', async () => {
    const { as, console } = await consoleWorld();
    const admin = await as('admin');
    const { url, received } = await webhookReceiver(() => 200);
    await admin.call('changeNotificationSettings', open);
    const { id: targetId, secret } = await admin.call('addTarget', hook(url));
    const renewed = await admin.call('renewTargetSecret', { params: { targetId } });
    expect(renewed.secret).not.toBe(secret);
    await admin.call('testTarget', { params: { targetId } });
    const headers = received[0]?.headers as Record<string, string>;
    const body = received[0]?.body ?? '';
    expect(() => new Webhook(secret ?? '').verify(body, headers)).toThrow();
    new Webhook(renewed.secret ?? '').verify(body, headers);
    await admin.call('createJob', { body: newJobBody() });
    await admin.call('removeTarget', { params: { targetId } });
    expect(await deliverDue(console, now)).toBe(0);
    expect((await admin.call('listTargets')).targets).toEqual([]);
    await prune(console, new Date(Date.now() + 1000));
    expect((await admin.call('listDeliveries')).deliveries).toEqual([]);
  });
});

test('what waits is sent by the next process, and once', async () => {
  const { as, console } = await consoleWorld();
  const admin = await as('admin');
  const { url, received } = await webhookReceiver(() => 200);
  await admin.call('changeNotificationSettings', open);
  await admin.call('addTarget', hook(url));
  await admin.call('createJob', { body: newJobBody() });
  const stop = startDispatcher(console);
  const twin = startDispatcher(console);
  await expect.poll(() => received.length, { timeout: 30_000 }).toBe(1);
  await Promise.all([stop(), twin()]);
  expect(await deliverDue(console, now)).toBe(0);
  expect(received).toHaveLength(1);
});

describe('mail', () => {
  const reader = { name: 'Ops', kind: 'email' as const, address: 'ops@example.org' };

  test('is sent by the mail server of the settings, whose password nobody sees', async () => {
    const { as, console } = await consoleWorld();
    const admin = await as('admin');
    const { port, mails } = await mailReceiver();
    const settings = await admin.call('changeNotificationSettings', { body: { smtp: smtp(port) } });
    expect(settings.smtp).toMatchObject({ host: '127.0.0.1', hasPassword: true });
    expect(JSON.stringify(settings)).not.toContain('"secret"');
    await admin.call('addTarget', { body: reader });
    const job = await admin.call('createJob', { body: newJobBody() });
    await deliverDue(console, now);
    expect(mails).toHaveLength(1);
    expect(mails[0]).toContain('Subject: Waybill: job A job is created');
    expect(mails[0]).toContain('To: ops@example.org');
    expect(mails[0]?.replaceAll('=\r\n', '')).toContain(`/jobs/${job.id}`);
    const { deliveries } = await admin.call('listDeliveries');
    expect(deliveries).toMatchObject([{ state: 'delivered', attempts: [{ status: 250 }] }]);
  });

  test('that is refused says why, and never the password', async () => {
    const { as } = await consoleWorld();
    const admin = await as('admin');
    const { port, mails } = await mailReceiver();
    const { id: targetId } = await admin.call('addTarget', { body: reader });
    const trial = async () => {
      const { attempts } = await admin.call('testTarget', { params: { targetId } });
      return attempts[0];
    };
    expect(await trial()).toMatchObject({ error: 'no mail server is set' });
    const set = (change: object) =>
      admin.call('changeNotificationSettings', { body: { smtp: { ...smtp(port), ...change } } });
    await set({ password: 'wrong' });
    expect(await trial()).toMatchObject({ status: 535, error: expect.stringContaining('refused') });
    await set({ security: 'starttls' });
    expect((await trial())?.error).not.toBeNull();
    expect(mails).toEqual([]);
    // A password goes to no other host than it was given for.
    const { password: _, ...without } = smtp(port);
    const moved = { smtp: { ...without, host: 'localhost' } };
    const after = await admin.call('changeNotificationSettings', { body: moved });
    expect(after.smtp?.hasPassword).toBe(false);
    const bad = { ...reader, address: 'a@b\r\nBcc: c@d' };
    await expect(admin.call('addTarget', { body: bad })).rejects.toMatchObject({
      code: 'BadRequest',
    });
  });
});
