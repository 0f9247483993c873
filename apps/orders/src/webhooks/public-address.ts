import ipaddr from 'ipaddr.js';
import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
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

/** Of one DNS server; a webhook does not wait longer for its name than for its answer. */
const tries = { timeout: 2_000, tries: 2 };

/**
 * Looks names up for connections that may only go to public addresses. Given to the socket, so that
 * the address that is checked is the one that is connected to, whatever the name means later.
 * It asks DNS itself: `dns.lookup` would hold one of the two threads that a process has for names
 * until the server of that name answers, and all other connections would wait for it.
 * @param resolverOf makes the resolver of one look-up
 */
export function publicLookupBy(resolverOf: () => Resolver): LookupFunction {
  return (host, { all }, callback) => {
    const answer = ([first, ...more]: LookupAddress[]): void => {
      if (!first) callback(new PrivateAddress(host), []);
      else if (all) callback(null, [first, ...more]);
      else callback(null, first.address, first.family);
    };
    addressesOf(host, resolverOf()).then(
      (found) => answer(found.filter(({ address }) => isPublic(address))),
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

export const publicLookup = publicLookupBy(() => new Resolver(tries));

/** IPv4 first. @throws when DNS knows neither */
async function addressesOf(host: string, resolver: Resolver): Promise<LookupAddress[]> {
  if (isIP(host) !== 0) return [{ address: host, family: isIP(host) }];
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  if (v4.status === 'rejected' && v6.status === 'rejected') throw v4.reason;
  const familyOf = (result: typeof v4, family: number): LookupAddress[] =>
    result.status === 'rejected' ? [] : result.value.map((address) => ({ address, family }));
  return [...familyOf(v4, 4), ...familyOf(v6, 6)];
}
