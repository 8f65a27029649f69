import { newId } from '@vedette/service-kit';
import type { ProtectedTable, RowOwner } from '@vedette/testkit';

const at = new Date('2026-03-01T08:00:00Z');

/** The same case each time for the same owner, since rows point to it. */
function keyOf({ customerId }: RowOwner): {
  readonly customer_id: string;
  readonly case_id: string;
} {
  return { customer_id: customerId, case_id: customerId.replace(/^\w{8}/, '0197e000') };
}

/** Every table with customers' rows, and a row of an owner for each. */
export const protectedTables: readonly ProtectedTable[] = [
  {
    name: 'customers',
    row: ({ customerId, providerId }) => ({
      customer_id: customerId,
      provider_id: providerId,
      version: 1,
    }),
  },
  {
    name: 'cases',
    row: (owner) => ({
      ...keyOf(owner),
      provider_id: owner.providerId,
      grouping_key: 'asset:1',
      title: 'A title',
      status_id: 1,
      severity_id: 3,
      detection_count: 1,
      opened_at: at,
      updated_at: at,
      version: 1,
    }),
  },
  {
    name: 'case_detections',
    row: (owner) => ({
      ...keyOf(owner),
      detection_id: newId(),
      occurred_at: at,
      technique_ids: [],
    }),
  },
  {
    name: 'case_timeline',
    row: (owner) => ({
      ...keyOf(owner),
      version: 1,
      event_id: newId(),
      occurred_at: at,
      kind: 'OPENED',
      actor: 'system:cases',
      summary: 'Opened',
    }),
  },
];
