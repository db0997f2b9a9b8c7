import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { tempDir } from '../../lib/testing/temp.ts';
import {
  consoleUrl,
  credentialsPath,
  forgetToken,
  isClearText,
  keepToken,
  signedIn,
} from './sign-in.ts';

const A = 'https://a.example';
const B = 'https://b.example/waybill';

beforeEach(() => {
  vi.unstubAllEnvs();
  vi.stubEnv('WAYBILL_CONFIG', tempDir());
  vi.stubEnv('WAYBILL_CONSOLE', '');
  vi.stubEnv('WAYBILL_TOKEN', '');
});

describe('signing in', () => {
  test('the last console is used unless another is named', () => {
    keepToken({ url: A, token: 'token-a' });
    keepToken({ url: B, token: 'token-b' });
    expect(signedIn({})).toEqual({ url: B, token: 'token-b' });
    expect(signedIn({ console: `${A}/` })).toEqual({ url: A, token: 'token-a' });
  });

  test('a token never goes to another console than its own', () => {
    keepToken({ url: A, token: 'token-a' });
    expect(() => signedIn({ console: B })).toThrow(
      expect.objectContaining({ code: 'NotSignedIn' }),
    );
  });

  test('file, then environment, then what was kept', () => {
    keepToken({ url: A, token: 'kept' });
    vi.stubEnv('WAYBILL_TOKEN', 'environment');
    const tokenFile = join(tempDir(), 'token');
    writeFileSync(tokenFile, 'file\n');
    expect(signedIn({}).token).toBe('environment');
    expect(signedIn({ tokenFile }).token).toBe('file');
    expect(() => signedIn({ tokenFile: `${tokenFile}-gone` })).toThrow(
      expect.objectContaining({ code: 'Usage' }),
    );
  });

  test('without a console it says how to name one', () => {
    expect(() => signedIn({})).toThrow(expect.objectContaining({ code: 'Usage' }));
  });

  test('nobody else can read what is kept', () => {
    keepToken({ url: A, token: 'token-a' });
    expect(statSync(credentialsPath()).mode & 0o777).toBe(0o600);
  });

  test('signing out forgets one console only', () => {
    keepToken({ url: A, token: 'token-a' });
    keepToken({ url: B, token: 'token-b' });
    expect(forgetToken(B)).toBe(true);
    expect(forgetToken(B)).toBe(false);
    expect(() => signedIn({})).toThrow(expect.objectContaining({ code: 'Usage' }));
    expect(signedIn({ console: A }).token).toBe('token-a');
  });
});

test('an address has one spelling, and carries no password', () => {
  expect(consoleUrl('HTTPS://A.example:443/x/?q#f')).toBe('https://a.example/x');
  for (const text of ['a.example', 'ftp://a.example', 'https://u:p@a.example', ''])
    expect(() => consoleUrl(text)).toThrow(expect.objectContaining({ code: 'Usage' }));
  expect(isClearText('http://a.example')).toBe(true);
  expect(['http://127.0.0.1:1', 'http://[::1]', 'https://a.example'].some(isClearText)).toBe(false);
});
