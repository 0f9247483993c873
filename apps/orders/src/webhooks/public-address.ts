import ipaddr from 'ipaddr.js';
import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

/** A URL leads to an address that is not on the public internet. */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress';

  constructor(readonly host: string) {
    super(`${host} is not a public address`);
  }
}

const [globalUnicast, globalUnicastBits] = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an address is reachable from the whole internet: neither private, loopback nor
 * link-local, nor reserved otherwise, nor IPv6 that has such an IPv4 address inside.
 */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  // ipaddr.js calls every range without a name unicast, `::127.0.0.1` too.
  return parsed instanceof ipaddr.IPv4 || parsed.match(globalUnicast, globalUnicastBits);
}

/** The host of a URL as `node:net` wants it: an IPv6 address without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** @throws PrivateAddress for a host that is an address, which nothing looks up */
export function refusePrivate(host: string): void {
  if (isIP(host) !== 0 && !isPublic(host)) throw new PrivateAddress(host);
}

/**
 * `dns.lookup` for connections that may only go to public addresses. Given to the socket, so that
 * the address that is checked is the one that is connected to, whatever the name means later.
 */
export const publicLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    if (error) {
      callback(error, []);
      return;
    }
    const allowed = found.filter(({ address }) => isPublic(address));
    const [first] = allowed;
    if (!first) callback(new PrivateAddress(host), []);
    else if (options.all) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};
