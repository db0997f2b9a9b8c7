import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { WaybillError } from '../../domain/errors.ts';

/** Addresses that lie inside: private, shared, loopback, link-local (with cloud metadata), multicast, reserved (RFC 6890). */
const INSIDE: [network: string, bits: number, family: 'ipv4' | 'ipv6'][] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  // Where Azure's hosts answer their guests.
  ['168.63.129.16', 32, 'ipv4'],
  // With the unspecified address, loopback, and the old way to write an IPv4 address.
  ['::', 96, 'ipv6'],
  // IPv6 forms of an IPv4 address, which may be one inside: NAT64 (also of one's own), Teredo, 6to4.
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2001::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  // Site-local, given up by RFC 3879 and still routed here and there.
  ['fec0::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];
const inside = new BlockList();
for (const row of INSIDE) inside.addSubnet(...row);

/** Whether an IP address lies inside; an IPv4 address in IPv6 clothes too. */
export function isInside(ip: string): boolean {
  return inside.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4');
}

/** A webhook's URL. Throws WebhookRefused for what is not http(s), carries a password, or names an address inside. */
export function webhookUrl(text: string, allowPrivate: boolean): URL {
  const refuse = (detail: string) => new WaybillError('WebhookRefused', { detail });
  if (!URL.canParse(text)) throw refuse('it is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refuse('it is not http or https');
  if (url.username || url.password) throw refuse('it carries a user name or password');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) !== 0 && isInside(host))
    throw refuse('it lies in a private network');
  return url;
}

/**
 * Resolves names as usual, but refuses those that lead inside: the address that was checked is the one that is
 * connected to, so a name that changes its mind in between gains nothing.
 */
export const outsideLookup: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error) return done(error, '', 0);
    if (found.some(({ address }) => isInside(address))) {
      const detail = 'its name leads into a private network';
      return done(new WaybillError('WebhookRefused', { detail }), '', 0);
    }
    if (options.all) return done(null, found);
    const [first] = found;
    return first ? done(null, first.address, first.family) : done(null, '', 0);
  });
};
