import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';

const internal = [
  ['unspecified', '0.0.0.0', '0.1.2.3', '::'],
  ['loopback', '127.0.0.1', '127.255.255.254', '::1'],
  ['private', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1'],
  ['between a carrier and its customers', '100.64.0.1', '100.127.255.255', '100.100.100.200'],
  ['link-local', '169.254.0.1', '169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'febf::1'],
  ["a cloud's own", '168.63.129.16', 'fd00:ec2::254'],
  ['unique local and site-local', 'fc00::1', 'fdff::1', 'fec0::1'],
  ['multicast and broadcast', '224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1'],
  ['reserved', '240.0.0.1', '192.0.0.8', '198.18.0.1', '198.19.255.255', '4000::1', '100::1'],
  ['documentation', '192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  ['IPv4-mapped', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '::127.0.0.1'],
  ['translated by NAT64', '64:ff9b::7f00:1', '64:ff9b::8.8.8.8', '64:ff9b:1::a00:1'],
  ['6to4 and its relays', '2002:7f00:1::', '2002:a00:1::1', '192.88.99.1'],
  ['Teredo', '2001::1', '2001:0:7f00:1::'],
] as const;

describe('an address', () => {
  it.each(internal)('that is %s is not public', (_kind, ...addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });

  it('of somebody on the internet is public, also right beside a reserved network', () => {
    const addresses = [
      ...['1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '128.0.0.0'],
      ...['169.253.255.255', '172.15.255.255', '172.32.0.0', '192.0.1.1', '223.255.255.255'],
      ...['2001:200::1', '2001:db9::1', '2003::1', '2606:4700::1111', '2a00::1', '3ffe::1'],
    ];
    expect(addresses.filter((address) => !isPublicAddress(address))).toEqual([]);
  });

  it('of IPv6 is public only if it begins with the bits 001', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        fc.pre(isPublicAddress(address));
        expect(address).toMatch(/^[23]/);
      }),
    );
  });

  it('is never public in the form that carries IPv4', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom('::ffff:', '::', '64:ff9b::'), (address, prefix) => {
        expect(isPublicAddress(`${prefix}${address}`)).toBe(false);
      }),
    );
  });

  it('is not what only looks like one', () => {
    const texts = ['', 'localhost', '8.8.8', '08.8.8.8', '0x08.8.8.8', '[2606:4700::1111]'];
    expect(texts.filter(isPublicAddress)).toEqual([]);
  });
});

describe('loopback', () => {
  it('is the whole of 127.0.0.0/8, and ::1', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1'].every(isLoopbackAddress)).toBe(true);
  });

  it('is no other form, nor another address', () => {
    const others = ['0.0.0.0', '::', '::ffff:127.0.0.1', '10.0.0.1', '128.0.0.1', 'localhost'];
    expect(others.filter(isLoopbackAddress)).toEqual([]);
  });
});
