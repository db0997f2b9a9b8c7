import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { percentEncode } from './canonical-request.ts';
import { verifyFields } from './verify-sigv2.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const SECRET = 'secret';

/** A request that is signed by the rules of Signature Version 2. */
function signed(time: Record<string, string>) {
  const fields = new Map(
    Object.entries({
      Action: 'ListJobs',
      AWSAccessKeyId: 'AKIAEXAMPLE',
      SignatureMethod: 'HmacSHA256',
      SignatureVersion: '2',
      ...time,
    }),
  );
  const query = [...fields]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join('&');
  const text = ['POST', 'aws.example', '/', query].join('\n');
  fields.set('Signature', createHmac('sha256', SECRET).update(text).digest('base64'));
  return fields;
}

const verify = (time: Record<string, string>) =>
  verifyFields(
    {
      method: 'POST',
      path: '/',
      query: '',
      headers: new Headers({ host: 'aws.example' }),
      body: Buffer.alloc(0),
    },
    signed(time),
    { openKey: async () => ({ secret: SECRET, actor: 'ada' }), now: NOW },
  );

test.each([
  ['Timestamp', '2026-03-01T11:50:00Z'],
  ['Expires', '2026-03-01T12:10:00Z'],
])('a request with a %s near is taken', async (name, time) => {
  expect(await verify({ [name]: time })).toMatchObject({ actor: 'ada' });
});

test.each([
  ['Timestamp', '2026-03-01T11:40:00Z'],
  ['Timestamp', '2026-03-01T12:20:00Z'],
  ['Expires', '2026-03-01T11:59:00Z'],
  ['Expires', '2099-01-01T00:00:00Z'],
])('a request with a %s of %s is refused', async (name, time) => {
  await expect(verify({ [name]: time })).rejects.toMatchObject({ code: 'SignatureExpired' });
});
