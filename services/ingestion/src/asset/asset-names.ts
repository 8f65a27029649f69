import { isIP } from 'node:net';

/** A host's name without case and without the dot at the end of a full one: what its asset's id is derived from. */
export function normaliseHostName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/** Names that every host has for itself. */
const everybodys = new Set(['localhost', '']);

/** The first label of a host's name; null for an address, and for a name that says nothing about which host. */
export function shortNameOf(hostName: string): string | null {
  if (isIP(hostName) !== 0) return null;
  const [label = ''] = hostName.split('.', 1);
  return everybodys.has(label) ? null : label;
}

/** Whether a host's name has a domain. */
export function isFullName(hostName: string): boolean {
  return shortNameOf(hostName) !== null && hostName.includes('.');
}

/**
 * A hardware address as six lower-case pairs with colons, from any usual spelling; null for what is none, and for the
 * ones that no adapter has of its own: nothing, everybody, and groups (the lowest bit of the first byte).
 */
export function normaliseMac(text: string): string | null {
  const digits = text.toLowerCase().replaceAll(/[:.\-\s]/g, '');
  if (!/^[\da-f]{12}$/.test(digits)) return null;
  const isGroup = (Number.parseInt(digits.slice(0, 2), 16) & 1) === 1;
  if (isGroup || /^0+$/.test(digits)) return null;
  return digits.match(/../g)?.join(':') ?? null;
}

/**
 * Prefixes of adapters that software makes: VMware, Hyper-V, VirtualBox, Xen, Parallels (IEEE's register of OUIs).
 * Host-only networks have the same address on every computer with that software.
 */
const virtualPrefixes = ['00:50:56', '00:0c:29', '00:15:5d', '08:00:27', '00:16:3e', '00:1c:42'];

/**
 * Whether it is usual that several hosts have this address: it is made up (the locally administered bit, which Docker,
 * VPNs and phones set) or of a virtual adapter.
 */
export function isSharedByNature(mac: string): boolean {
  const isLocal = (Number.parseInt(mac.slice(0, 2), 16) & 2) === 2;
  return isLocal || virtualPrefixes.some((prefix) => mac.startsWith(prefix));
}
