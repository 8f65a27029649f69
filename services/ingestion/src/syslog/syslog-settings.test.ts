import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { normaliseAddress } from './sender-identity.ts';
import { readSyslogSenders, syslogSettings } from './syslog-settings.ts';

describe('the syslog senders of a connector', () => {
  const digits = 'ab'.repeat(32);

  it('are kept in one spelling', () => {
    const syslogSenders = [
      { address: '192.0.2.7' },
      { address: '2001:DB8:0:0::1' },
      { address: '::ffff:192.0.2.8' },
      { certificateSha256: digits.toUpperCase().replace(/..(?=.)/g, '$&:') },
    ];
    expect(readSyslogSenders({ syslogSenders, other: 1 })).toEqual([
      { address: '192.0.2.7' },
      { address: '2001:db8::1' },
      { address: '192.0.2.8' },
      { certificateSha256: digits },
    ]);
  });

  it('may be none', () => {
    expect(readSyslogSenders({})).toEqual([]);
  });

  it.each([
    { address: '192.0.2.0/24' },
    { address: 'fw.example' },
    { address: '0.0.0.0' },
    { address: '255.255.255.255' },
    { address: '::' },
    { address: 'fe80::1%eth0' },
    { certificateSha256: 'ab' },
    { address: '192.0.2.1', certificateSha256: digits },
    { key: 'vsk_a' },
  ])('are not %j', (sender) => {
    const parsed = z.strictObject(syslogSettings).safeParse({ syslogSenders: [sender] });
    expect(parsed.success).toBe(false);
  });
});

describe('an address as a socket shows it', () => {
  it.each([
    ['::ffff:198.51.100.9', '198.51.100.9'],
    ['::1', '::1'],
    ['2001:db8::A', '2001:db8::a'],
  ])('%s is %s', (shown, address) => {
    expect(normaliseAddress(shown)).toBe(address);
  });
});
