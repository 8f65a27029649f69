import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { readFirewallLine } from './read-firewall-line.ts';
import { aCentralLine, aDeviceLine } from './testing/firewall-lines.ts';

/** What stands after `log_id=1 ` in a line. */
function read(rest: string): Record<string, unknown> {
  return { ...readFirewallLine(`log_id=1 ${rest}`) };
}

describe('a line of a firewall', () => {
  it.each([
    ['no header', ''],
    ['a priority', '<30>'],
    ['the header of a relay', 'Jan 31 13:00:00 relay.example '],
    ['a priority and a header', '<134>Jan  1 03:00:00 192.0.2.1 fw: '],
    ['an RFC 5424 header', '<30>1 2026-01-31T12:00:00Z fw - - - - '],
    ['structured data', '<30>1 2026-01-31T12:00:00Z fw app 1 ID [k@1 date="x\\]y" log_id="9"] '],
    ['two elements of structured data', '<30>1 - - - - - [a@1][b@1 device="z"] \ufeff'],
  ])('is the same with %s', (_name, header) => {
    for (const line of [aDeviceLine(), aCentralLine()]) {
      expect(readFirewallLine(header + line)).toEqual(readFirewallLine(line));
    }
  });

  it('gives each pair that has a value', () => {
    expect(readFirewallLine(aDeviceLine())).toMatchObject({
      device_name: 'branch-fw',
      log_component: 'Firewall Rule',
      src_ip: '192.0.2.15',
      sent_pkts: '6',
      recv_pkts: '5',
    });
  });

  it('may begin with any of its first names', () => {
    for (const first of ['timestamp="2026-01-31T12:00:00Z"', 'date=2026-01-31', 'log_id=1'])
      expect(readFirewallLine(`${first} src_ip=192.0.2.1`)).toMatchObject({ src_ip: '192.0.2.1' });
  });

  it.each([
    ['in single quotes', "SERVER='Log 1' a=1", { SERVER: 'Log 1', a: '1' }],
    ['without quotes and with blanks', 'branch=Jane Doe x=0', { branch: 'Jane Doe', x: '0' }],
    ['that is empty', 'src_mac= src_ip=192.0.2.1', { src_ip: '192.0.2.1' }],
    ['that is "" or "-" or N/A', 'a="" b="-" c=- d="N/A" e=" " f=1', { f: '1' }],
    ['with = in it', 'querystring=?a=b&c=d x=1', { querystring: '?a=b&c=d', x: '1' }],
    ['with ; and blanks', 'cookie=sid=1; lang=en x=1', { cookie: 'sid=1; lang=en', x: '1' }],
    [
      'that the next name is stuck to',
      'tran_dst_port=0srczonetype="VPN" src_ip=192.0.2.1dst_ip=192.0.2.2',
      { tran_dst_port: '0', srczonetype: 'VPN', src_ip: '192.0.2.1', dst_ip: '192.0.2.2' },
    ],
    ['in quotes that the next name is stuck to', 'a="1"b="2"', { a: '1', b: '2' }],
    ['whose quote is not closed', 'a=1 subject="half a', { a: '1', subject: 'half a' }],
    ['whose quote is at the end', 'a=1 subject="', { a: '1' }],
    [
      'with quotes in it',
      'message="rule "web" was changed" a=1',
      { message: 'rule "web" was changed', a: '1' },
    ],
    ['followed by two blanks', 'sent_pkts=2  recv_pkts=3', { sent_pkts: '2', recv_pkts: '3' }],
    ['with brackets', 'ether_type=IPv4 (0x0800) a=1', { ether_type: 'IPv4 (0x0800)', a: '1' }],
    [
      'that is IPv6',
      'src_ip=2001:db8::1 dst_ip=0.0.0.0',
      { src_ip: '2001:db8::1', dst_ip: '0.0.0.0' },
    ],
    ['under a name with capitals', 'FTP_url="x" Mode=y', { FTP_url: 'x', Mode: 'y' }],
    ['before the end of the line', 'a="1"\r\n', { a: '1' }],
    ['of another script', 'user_name="Zoë Müller" a=1', { user_name: 'Zoë Müller', a: '1' }],
  ])('reads a value %s', (_name, text, expected) => {
    expect(read(text)).toEqual({ log_id: '1', ...expected });
  });

  it('keeps the first of two values, so that a later one cannot be written over it', () => {
    const agent = 'user_agent="x" src_ip="198.51.100.66" y="z"';
    expect(read(`src_ip=192.0.2.1 ${agent}`)).toMatchObject({ src_ip: '192.0.2.1' });
  });

  it('that is none is kept as a message', () => {
    for (const text of ['', 'sshd[1]: session opened', '<30>1 - - - - - - hello', 'a=1 b=2'])
      expect(readFirewallLine(text)).toEqual({ message: text });
  });

  it('may hold anything', () => {
    const parts = fc.constantFrom(
      ...['log_id=', 'date=', '"', "'", ' ', '=', 'a=', '\0', '\ud800', '__proto__=', '<30>1 '],
      ...['- - - - [', ']', '\\', '0srczone=', ';', '\t', '\n', 'constructor="', 'é', '0'],
    );
    const lines = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(parts, { maxLength: 40 }).map((list) => list.join('')),
      fc.array(parts, { maxLength: 40 }).map((list) => aDeviceLine() + list.join('')),
    );
    fc.assert(
      fc.property(lines, (line) => {
        const record = readFirewallLine(line);
        const text = JSON.stringify(record);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toContain('\\u0000');
        expect(Object.keys(record)).not.toContain('__proto__');
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['one name', 'a'],
    ['blanks', ' '],
    ['quotes', '"'],
    ['opened values', 'a="'],
    ['values with blanks', 'a=b c '],
    ['closed values', 'a="b" '],
    ['quotes and blanks', '" '],
    ['equals signs', '='],
    ['digits that run into names', '1a='],
    ['semicolons', '; a=b'],
  ])('of a megabyte of %s takes no longer than its length', (_name, part) => {
    const body = part.repeat(1_000_000 / part.length);
    for (const line of [
      `log_id=1 x=${body}`,
      `log_id=1 x="${body}`,
      body,
      `<30>1 - - - - - [${body}`,
    ]) {
      const started = performance.now();
      readFirewallLine(line);
      expect(performance.now() - started).toBeLessThan(1_000);
    }
  });
});
