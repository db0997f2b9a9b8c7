import { expect, test } from 'vitest';
import { isInside } from './private-network.ts';

test.each([
  ['loopback', '127.8.9.1', '::1'],
  ['unspecified', '0.0.0.0', '::'],
  ['private', '10.1.2.3', 'fd00::1'],
  ['link-local, with the metadata of clouds', '169.254.169.254', 'fe80::1'],
  ['the host of an Azure guest', '168.63.129.16', '::ffff:168.63.129.16'],
  ['an IPv4 address written as IPv6', '::ffff:10.0.0.1', '::10.0.0.1'],
  ['NAT64, also of one’s own', '64:ff9b::a00:1', '64:ff9b:1::a00:1'],
  ['6to4 and Teredo', '2002:a00:1::1', '2001:0:a00:1::1'],
  ['site-local', 'fec0::1', 'fec0:ffff::1'],
])('%s lies inside', (_, ...addresses) => {
  expect(addresses.filter((address) => !isInside(address))).toEqual([]);
});

test('what lies outside is let through', () => {
  const outside = ['1.1.1.1', '168.63.129.17', '2606:4700::1111', '2001:db9::1', '::ffff:1.1.1.1'];
  expect(outside.filter(isInside)).toEqual([]);
});
