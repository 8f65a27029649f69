import type { Database } from '@vedette/service-kit';
import { recordGap } from '../health/record-gap.ts';
import type { Overflow } from './overflow-log.ts';

/** Records an overflow as a gap in its customer's telemetry. @throws {UnavailableError} it is not recorded */
export function recordOverflowGap(
  database: Database,
  { sensor: { customerId, providerId, connectorId }, from, to }: Overflow,
): Promise<void> {
  const scope = { kind: 'CUSTOMERS', customerIds: [customerId] } as const;
  const gap = { customerId, providerId, connectorId, from, to, reason: 'OVERFLOW' } as const;
  return database.transaction(scope, (tx) => recordGap(tx, gap));
}
