import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fingerprint } from '../../lib/keys/certificates.ts';
import { commandHost } from '../../lib/testing/command-host.ts';
import { newJobBody } from '../../lib/testing/console-world.ts';

test('a head that was kept is checked against the console and, offline, against a download', async () => {
  const host = await commandHost();
  const operator = await host.world.as('operator');
  const audit = (...words: string[]) => host.run('viewer', 'audit', ...words, '--json');
  await operator.call('createJob', { body: newJobBody() });
  const [head, log, ca] = ['head.cms', 'log.jsonl', 'ca.pem'].map((name) => join(host.dir, name));
  if (!head || !log || !ca) expect.fail('no names');
  expect((await audit('head', '--output', head)).last).toMatchObject({ file: head });
  expect((await audit('head', '--output', head)).last).toMatchObject({ code: 'Usage' });
  await operator.call('createJob', { body: newJobBody() });
  expect((await audit('verify')).last).toMatchObject({ whole: true, heads: { compared: 1 } });
  expect((await audit('verify', '--head', head)).last).toMatchObject({ whole: true });
  expect((await audit('export', '--output', log)).exit).toBe(0);
  const { certificatePem } = host.world.console.authority;
  writeFileSync(ca, certificatePem);
  const offline = (...words: string[]) =>
    host.run(null, 'audit', 'verify', '--log', log, '--head', head, ...words, '--json');
  const whole = await offline('--ca', ca);
  expect(whole.exit).toBe(0);
  expect(whole.last).toMatchObject({
    whole: true,
    heads: { compared: 1, problems: [] },
    signedBy: { fingerprint: fingerprint(certificatePem) },
  });
  expect((await offline('--fingerprint', fingerprint(certificatePem))).exit).toBe(0);
  expect((await offline('--fingerprint', 'ab'.repeat(32))).last).toMatchObject({
    code: 'SignatureInvalid',
  });
  expect((await offline('--fingerprint', 'short')).last).toMatchObject({ code: 'Usage' });
  // The end is cut off: what is left is a chain that holds together.
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  writeFileSync(log, `${lines.slice(0, 2).join('\n')}\n`);
  const cut = await offline('--ca', ca);
  expect(cut.exit).toBe(1);
  expect(cut.last).toMatchObject({
    brokenAt: null,
    whole: false,
    heads: { problems: [{ says: expect.stringContaining('cut off') }] },
  });
  writeFileSync(log, `${lines.slice(1).join('\n')}\n`);
  expect((await offline('--ca', ca)).last).toMatchObject({ brokenAt: 2, whole: false });
  writeFileSync(log, 'no log\n');
  expect((await offline('--ca', ca)).last).toMatchObject({ code: 'Usage' });
});
