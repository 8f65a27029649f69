import { hash } from 'node:crypto';

import { uuidV5 } from './uuid-v5.ts';

/** What a telemetry event's id is made of: the source's own reference, else the raw record. */
export type TelemetryEventIdentity =
  | { readonly connectorId: string; readonly sourceRef: string }
  | {
      readonly connectorId: string;
      readonly raw: string | Uint8Array;
      /** Which occurrence of these raw bytes this is within its request, from 0. */
      readonly occurrence: number;
    };

/**
 * The id of a telemetry event: a record that is sent twice gets the same id and is stored once.
 * Without a reference, equal raw records in one request stay different events (5 % of real lines are exact
 * copies), and a retry of that request gives the same ids again.
 * @throws {RangeError} the connector id is not a UUID
 */
export function telemetryEventId(identity: TelemetryEventIdentity): string {
  if ('sourceRef' in identity) return uuidV5(identity.connectorId, identity.sourceRef);
  const digest = hash('sha256', identity.raw, 'hex');
  return uuidV5(identity.connectorId, `sha256:${digest}:${String(identity.occurrence)}`);
}

/**
 * The id of a host within a customer. Upper and lower case and a trailing full stop are the same host;
 * a short name and a full name are not (merging them is a decision of the asset inventory).
 * @throws {RangeError} the customer id is not a UUID
 */
export function assetId(customerId: string, hostname: string): string {
  const name = hostname.toLowerCase();
  return uuidV5(customerId, `asset:${name.endsWith('.') ? name.slice(0, -1) : name}`);
}
