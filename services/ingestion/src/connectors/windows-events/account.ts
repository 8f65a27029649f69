import type { FieldValue } from '@vedette/event-model';

/** Tells a text with content; Windows writes `-` where there is none. */
export function isText(value: FieldValue | undefined): value is string {
  return typeof value === 'string' && value !== '' && value !== '-';
}

/** Host names end at 253 characters (RFC 1035), Windows accounts and channels at 256: longer text is no name. */
const maxNameLength = 256;

/** Tells a text that can name a host, an account or a channel; names are keys of tables further on. */
export function isName(value: FieldValue | undefined): value is string {
  return isText(value) && value.length <= maxNameLength;
}

/** `DOMAIN\name`, the name alone where it has its domain in it or none is told, null without a name. */
export function joinAccount(
  domain: FieldValue | undefined,
  name: FieldValue | undefined,
): string | null {
  if (!isName(name)) return null;
  return isName(domain) && !name.includes('\\') && !name.includes('@')
    ? `${domain}\\${name}`
    : name;
}
