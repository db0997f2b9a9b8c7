import { expect, test } from 'vitest';
import { parseKeyPair } from './key-pair.ts';

const PAIR = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a=b/c+d' };

test.each([
  ['[default]\n# mine\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key=a=b/c+d\n'],
  ['\ufeffAccess key ID,Secret access key\r\nAKIAEXAMPLE,a=b/c+d\r\n'],
])('a key pair is read from %j', (text) => {
  expect(parseKeyPair(text)).toEqual(PAIR);
});

test('the first profile counts, with its session token', () => {
  const first = 'aws_access_key_id=A\naws_secret_access_key=B\naws_session_token=C\n';
  const text = `[one]\n${first}[two]\naws_access_key_id=X\naws_secret_access_key=Y\n`;
  expect(parseKeyPair(text)).toEqual({
    accessKeyId: 'A',
    secretAccessKey: 'B',
    sessionToken: 'C',
  });
});

test.each(['', 'secret words', 'aws_access_key_id=A\n'])('%j is refused, unquoted', (text) => {
  expect(() => parseKeyPair(text)).toThrow(/has no lines aws_access_key_id/);
});
