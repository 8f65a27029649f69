import { BlockList, isIP } from 'node:net';

/** Addresses that nobody else's host has as its own: they name no one sender. */
const unspecific = new BlockList();
unspecific.addSubnet('0.0.0.0', 8);
unspecific.addSubnet('224.0.0.0', 3);
unspecific.addAddress('::', 'ipv6');
unspecific.addSubnet('ff00::', 8, 'ipv6');

const mappedPrefix = '::ffff:';

/**
 * One spelling for each address, as sockets and people write them: IPv6 in its short form, IPv4 mapped into IPv6 as
 * IPv4. Null for what is no address of a host.
 */
export function normaliseAddress(text: string): string | null {
  const family = isIP(text);
  if (family === 0 || text.includes('%')) return null;
  if (unspecific.check(text, family === 4 ? 'ipv4' : 'ipv6')) return null;
  if (family === 4) return text;
  const short = new URL(`http://[${text}]`).hostname.slice(1, -1);
  return short.startsWith(mappedPrefix) ? toIpv4(short.slice(mappedPrefix.length)) : short;
}

/** `c000:201` is `192.0.2.1`. */
function toIpv4(words: string): string {
  return words
    .split(':')
    .flatMap((word) => {
      const value = Number.parseInt(word, 16);
      return [value >> 8, value & 0xff];
    })
    .join('.');
}

/** 64 hexadecimal digits in lower case, whether or not they were written in pairs with colons. */
export function normaliseFingerprint(text: string): string | null {
  const digits = text.replaceAll(':', '').toLowerCase();
  return /^[0-9a-f]{64}$/.test(digits) ? digits : null;
}
