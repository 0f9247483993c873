import type { LookupAddress } from 'node:dns';
import {
  hostOf,
  isPublic,
  PrivateAddress,
  publicLookup,
  refusePrivate,
} from '../src/webhooks/public-address';

const publicAddresses = [
  '8.8.8.8',
  '1.1.1.1',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '2a00:1450::1',
];

const otherAddresses = [
  ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '127.0.0.1', '127.255.255.254', '100.64.0.1'],
  ...['169.254.169.254', '172.16.0.1', '172.31.255.255', '192.168.1.1', '192.0.0.1', '192.0.2.1'],
  ...['192.88.99.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '240.0.0.1'],
  '255.255.255.255',
  ...['::', '::1', 'fe80::1', 'fe80::1%lo', 'fec0::1', 'fc00::1', 'fd12::1', 'ff02::1', '100::1'],
  ...['2001:db8::1', '3fff::1', '5f00::1', '4000::1'],
  // IPv4 inside of IPv6: mapped, compatible, translated, 6to4, Teredo, NAT64.
  ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '::a00:1', '::ffff:0:7f00:1'],
  ...['2002:7f00:1::', '2001::1', '64:ff9b::7f00:1', '64:ff9b:1::1'],
  ...['', 'localhost', '127.1.', 'not an address'],
];

describe('an address', () => {
  it.each(publicAddresses)('%s is public', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it.each(otherAddresses)('%s is not public', (address) => {
    expect(isPublic(address)).toBe(false);
  });
});

describe('the host of a URL', () => {
  it.each([
    ['decimal', 'http://2130706433/'],
    ['octal', 'http://0177.0.0.1/'],
    ['octal, in one', 'http://017700000001/'],
    ['hexadecimal', 'http://0x7f.0x0.0x0.0x1/'],
    ['hexadecimal, in one', 'http://0x7f000001/'],
    ['short', 'http://127.1/'],
    ['zero', 'http://0/'],
    ['with a dot at the end', 'http://127.0.0.1./'],
    ['in full-width digits', 'http://１２７.０.０.１/'],
    ['percent-encoded', 'http://%31%32%37.0.0.1/'],
    ['IPv6', 'http://[::1]/'],
    ['IPv6, written out', 'http://[0:0:0:0:0:0:0:1]/'],
    ['mapped', 'http://[::ffff:127.0.0.1]/'],
    ['mapped, hexadecimal', 'http://[::ffff:7f00:1]/'],
    ['compatible', 'http://[::127.0.0.1]/'],
    ['metadata', 'http://169.254.169.254/latest/meta-data'],
  ])('that is an address which is not public is refused: %s', (_, url) => {
    expect(() => refusePrivate(hostOf(new URL(url)))).toThrow(PrivateAddress);
  });

  it.each([
    'http://8.8.8.8/',
    'http://134744072/',
    'http://[2606:4700::1111]/',
    'http://example.com/',
  ])('is not refused: %s', (url) => {
    expect(() => refusePrivate(hostOf(new URL(url)))).not.toThrow();
  });
});

describe('looking a name up for a connection', () => {
  type Answer = { error: Error | null; found: string | LookupAddress[] };

  const find = async (host: string, all: boolean): Promise<Answer> =>
    new Promise((resolve) => {
      publicLookup(host, { all }, (error, found) => resolve({ error, found }));
    });

  it.each([true, false])('gives no address that is not public (all of them: %s)', async (all) => {
    const { error } = await find('localhost', all);
    expect(error).toBeInstanceOf(PrivateAddress);
    expect(error?.message).toBe('localhost is not a public address');
  });

  it('gives those that are', async () => {
    expect(await find('8.8.8.8', true)).toEqual({
      error: null,
      found: [{ address: '8.8.8.8', family: 4 }],
    });
    expect(await find('8.8.8.8', false)).toEqual({ error: null, found: '8.8.8.8' });
  });

  it('says when there is none', async () => {
    expect((await find('nowhere.invalid', true)).error).toMatchObject({ syscall: 'getaddrinfo' });
  });
});
