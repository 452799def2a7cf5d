import { isIP } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAddressPolicy, loopbackNetworks } from '../../../src/transport/address-policy.ts';

const strict = createAddressPolicy({ allowedNetworks: [] });

describe('without configuration', () => {
  it.each([
    ['0.0.0.0', 'an unspecified address'],
    ['0.1.2.3', 'an unspecified address'],
    ['127.255.255.254', 'a loopback address'],
    ['10.255.0.1', 'a private address'],
    ['172.16.0.1', 'a private address'],
    ['172.31.255.255', 'a private address'],
    ['192.168.1.1', 'a private address'],
    ['169.254.169.254', 'a link-local address'],
    ['100.64.0.1', 'a shared carrier address'],
    ['100.100.100.200', 'a shared carrier address'],
    ['168.63.129.16', 'a platform address'],
    ['192.0.0.192', 'a platform address'],
    ['192.0.2.1', 'a documentation or benchmark address'],
    ['198.51.100.1', 'a documentation or benchmark address'],
    ['203.0.113.9', 'a documentation or benchmark address'],
    ['198.19.255.255', 'a documentation or benchmark address'],
    ['224.0.0.1', 'a multicast or broadcast address'],
    ['255.255.255.255', 'a multicast or broadcast address'],
    ['192.88.99.1', 'a tunnelled address'],
    ['240.0.0.1', 'a reserved address'],
    ['::', 'an unspecified address'],
    ['::1', 'a loopback address'],
    ['0:0:0:0:0:0:0:1', 'a loopback address'],
    ['::ffff:10.0.0.1', 'a private address'],
    ['::ffff:7f00:1', 'a loopback address'],
    ['0:0:0:0:0:FFFF:A9FE:A9FE', 'a link-local address'],
    ['64:ff9b::10.0.0.1', 'a private address'],
    ['64:ff9b:1::a00:1', 'a tunnelled address'],
    ['::10.0.0.1', 'a reserved address'],
    ['fe80::1', 'a link-local address'],
    ['fe80::1%eth0', 'a link-local address'],
    ['fec0::1', 'a private address'],
    ['fd12:3456::1', 'a private address'],
    ['ff02::1', 'a multicast or broadcast address'],
    ['2001:db8::1', 'a documentation or benchmark address'],
    ['3fff::1', 'a documentation or benchmark address'],
    ['2002:7f00:1::', 'a tunnelled address'],
    ['2001:0:53aa:64c::1', 'a tunnelled address'],
    ['2001:2::1', 'a reserved address'],
    ['100::1', 'a reserved address'],
    ['4000::1', 'a reserved address'],
    ['service.example', 'not an IP address'],
    ['', 'not an IP address'],
  ])('%s is refused as %s', (address, kind) => {
    expect(strict(address)).toBe(kind);
  });

  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '100.63.255.255',
    '172.15.0.1',
    '172.32.0.1',
    '192.1.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450:4001::200e',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
  ])('%s is allowed', (address) => {
    expect(strict(address)).toBeUndefined();
  });

  it('an IPv4 address is judged the same when it is mapped into IPv6', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(strict(`::ffff:${address}`)).toBe(strict(address));
      }),
    );
  });

  it('every IPv6 address gets a verdict, and none outside 2000::/3 is allowed but mapped ones', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const first = Number.parseInt(address.split(':')[0] || '0', 16);
        fc.pre(isIP(address) === 6 && (first < 0x2000 || first > 0x3fff) && first !== 0 && first !== 0x64);
        expect(strict(address)).toBeDefined();
      }),
    );
  });
});

describe('with allowed networks', () => {
  it('local mode allows this machine and nothing else', () => {
    const local = createAddressPolicy({ allowedNetworks: loopbackNetworks });
    expect(local('127.0.0.1')).toBeUndefined();
    expect(local('127.8.8.8')).toBeUndefined();
    expect(local('::1')).toBeUndefined();
    expect(local('::ffff:127.0.0.1')).toBeUndefined();
    expect(local('10.0.0.1')).toBe('a private address');
    expect(local('169.254.169.254')).toBe('a link-local address');
  });

  it('an allowed network ends at its prefix', () => {
    const policy = createAddressPolicy({ allowedNetworks: ['10.20.0.0/16', 'fd00:1::/32'] });
    expect(policy('10.20.255.255')).toBeUndefined();
    expect(policy('10.21.0.0')).toBe('a private address');
    expect(policy('fd00:1::9')).toBeUndefined();
    expect(policy('fd00:2::9')).toBe('a private address');
  });

  it('allowing all of IPv6 allows nothing of IPv4', () => {
    const policy = createAddressPolicy({ allowedNetworks: ['::/0'] });
    expect(policy('fd00::1')).toBeUndefined();
    expect(policy('10.0.0.1')).toBe('a private address');
  });

  it.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/129', 'localhost/8', '/8', '10.0.0.0/x'])(
    '%s is not a network',
    (network) => {
      expect(() => createAddressPolicy({ allowedNetworks: [network] })).toThrow(
        `Not a network in CIDR form, such as 10.0.0.0/8: ${network}`,
      );
    },
  );
});
