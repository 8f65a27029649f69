import { RuleRefusal } from '../reading/rule-refusal.ts';
import type { TextTest } from './pattern.ts';

interface Address {
  readonly width: 32 | 128;
  readonly bits: bigint;
}

/**
 * Tests whether an address lies in a network such as `10.0.0.0/8` or `fe80::/10`. The families are never mixed.
 * @throws {RuleRefusal} not a network in CIDR notation
 */
export function compileCidr(network: string): TextTest {
  const [base = '', length = '', ...rest] = network.split('/');
  const address = parseAddress(base);
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : -1;
  if (address === undefined || rest.length > 0 || prefix < 0 || prefix > address.width) {
    throw new RuleRefusal(`'${network}' is not a network in CIDR notation`);
  }
  const shift = BigInt(address.width - prefix);
  const wanted = address.bits >> shift;
  const test = (value: string): boolean => {
    const candidate = parseAddress(value);
    return candidate?.width === address.width && candidate.bits >> shift === wanted;
  };
  return { cost: 12, test, literals: [], isExact: false };
}

function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Address | undefined {
  if (text.length > 15) return undefined;
  const octets = text.split('.');
  if (
    octets.length !== 4 ||
    octets.some((octet) => !/^\d{1,3}$/.test(octet) || Number(octet) > 255)
  )
    return undefined;
  return { width: 32, bits: octets.reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n) };
}

function parseIpv6(text: string): Address | undefined {
  // 45 is the longest form (with an IPv4 tail); a zone such as %eth0 names an interface, not an address.
  const address = text.split('%', 1)[0] ?? '';
  if (address.length > 45) return undefined;
  const halves = address.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(parseGroups);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [
    ...head,
    ...new Array<number>(tail === undefined ? 0 : missing).fill(0),
    ...(tail ?? []),
  ];
  return { width: 128, bits: groups.reduce((bits, group) => (bits << 16n) | BigInt(group), 0n) };
}

function parseGroups(text: string): readonly number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const pieces = text.split(':');
  for (const [index, piece] of pieces.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(piece)) {
      groups.push(Number.parseInt(piece, 16));
      continue;
    }
    const embedded = index === pieces.length - 1 ? parseIpv4(piece) : undefined;
    if (embedded === undefined) return undefined;
    groups.push(Number(embedded.bits >> 16n), Number(embedded.bits & 0xffffn));
  }
  return groups;
}
