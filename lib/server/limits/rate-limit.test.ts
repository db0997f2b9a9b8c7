import { expect, test } from 'vitest';
import { addressOf } from './rate-limit.ts';

const from = (header: string | undefined, proxies: number) =>
  addressOf(
    new Request('http://127.0.0.1/', { headers: header ? { 'x-forwarded-for': header } : {} }),
    proxies,
  );

test.each([
  ['one proxy', '203.0.113.7', 1, '203.0.113.7'],
  ['an address that was made up', '10.9.9.9, 203.0.113.7', 1, '203.0.113.7'],
  ['two proxies', '10.9.9.9, 203.0.113.7, 192.0.2.1', 2, '203.0.113.7'],
  ['fewer than there are proxies', '203.0.113.7', 3, '203.0.113.7'],
  ['no header', undefined, 1, 'unknown'],
])(
  'the address of a request behind %s is the one that our own proxy saw',
  (_, header, proxies, address) => {
    expect(from(header, proxies)).toBe(address);
  },
);
