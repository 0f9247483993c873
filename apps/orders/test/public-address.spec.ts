import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  hostOf,
  isPublic,
  PrivateAddress,
  publicLookupBy,
  refusePrivate,
} from '../src/webhooks/public-address';
import { DnsStandIn } from './dns-stand-in';

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

describe('OWASP API7 SSRF: an address', () => {
  it.each(publicAddresses)('%s is public', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it.each(otherAddresses)('%s is not public', (address) => {
    expect(isPublic(address)).toBe(false);
  });
});

describe('OWASP API7 SSRF: the host of a URL', () => {
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

describe('OWASP API7 SSRF: looking a name up for a connection', () => {
  /** What a name means first, and from then on. */
  const rebound = ['8.8.8.8'];
  type Answer = { error: Error | null; found: string | LookupAddress[] };
  let dns: DnsStandIn;

  beforeAll(async () => {
    dns = await DnsStandIn.start({
      'open.test': ['2606:4700::1111', '8.8.8.8'],
      'six.test': ['2606:4700::1111'],
      'inside.test': ['10.0.0.1', '::1'],
      'both.test': ['127.0.0.1', '1.1.1.1'],
      'silent.test': 'silence',
      'garbage.test': 'garbage',
      'rebound.test': rebound,
    });
  });
  afterAll(async () => dns.stop());

  const lookUp = publicLookupBy(() => dns.resolver({ timeout: 200, tries: 2 }));
  const find = async (host: string, all = true): Promise<Answer> =>
    new Promise((resolve) => {
      lookUp(host, { all }, (error, found) => resolve({ error, found }));
    });
  const v4 = (address: string) => ({ address, family: 4 });
  const v6 = { address: '2606:4700::1111', family: 6 };

  it.each([
    ['open.test', [v4('8.8.8.8'), v6]],
    ['six.test', [v6]],
    ['both.test', [v4('1.1.1.1')]],
    ['8.8.8.8', [v4('8.8.8.8')]],
  ])('gives the addresses of %s that are public', async (host, found) => {
    expect(await find(host)).toEqual({ error: null, found });
    expect(await find(host, false)).toEqual({ error: null, found: found[0]?.address });
  });

  it.each([true, false])('gives no address that is not public (all of them: %s)', async (all) => {
    for (const host of ['inside.test', '10.0.0.1']) {
      const { error } = await find(host, all);
      expect(error).toBeInstanceOf(PrivateAddress);
      expect(error?.message).toBe(`${host} is not a public address`);
    }
  });

  it('connects to the address that was checked, though the name means another one next', async () => {
    const asked = { host: 'rebound.test', port: 9, lookup: lookUp };
    const first = connect(asked);
    first.once('lookup', () => rebound.splice(0, 1, '127.0.0.1'));
    expect(await once(first, 'connectionAttempt')).toEqual(['8.8.8.8', 9, 4]);
    first.destroy();
    expect(dns.asked('rebound.test')).toBe(2);

    const [error] = await once(connect(asked), 'error');
    expect(error).toBeInstanceOf(PrivateAddress);
  });

  it.each([
    ['is not there', 'nowhere.test', 'ENOTFOUND'],
    ['is never answered', 'silent.test', 'ETIMEOUT'],
    ['is answered with garbage', 'garbage.test', 'EBADRESP'],
  ])('says that a name %s', async (_, host, code) => {
    expect((await find(host)).error).toMatchObject({ code });
  });

  it('keeps no other waiting, however many are never answered', async () => {
    const silent = Array.from({ length: 50 }, async () => find('silent.test'));
    const first = await Promise.race([Promise.any(silent), lookup('localhost')]);
    expect(first).toMatchObject({
      address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/) as string,
    });
    await Promise.all(silent);
  });
});
