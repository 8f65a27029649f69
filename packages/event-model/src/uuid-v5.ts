import { hash } from 'node:crypto';

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Connector and customer ids repeat for millions of events: their bytes are kept, within a bound. */
const namespaceBytes = new Map<string, Buffer>();
const maxCachedNamespaces = 4096;

/**
 * A name-based UUID (RFC 9562, version 5, SHA-1): the same namespace and name give the same id everywhere.
 * @throws {RangeError} the namespace is not a UUID
 */
export function uuidV5(namespace: string, name: string): string {
  const digest = hash('sha1', Buffer.concat([bytesOf(namespace), Buffer.from(name)]), 'buffer');
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function bytesOf(namespace: string): Buffer {
  const known = namespaceBytes.get(namespace);
  if (known !== undefined) return known;
  if (!uuidPattern.test(namespace)) throw new RangeError('namespace must be a UUID');
  const bytes = Buffer.from(namespace.replaceAll('-', ''), 'hex');
  if (namespaceBytes.size >= maxCachedNamespaces) namespaceBytes.clear();
  namespaceBytes.set(namespace, bytes);
  return bytes;
}
