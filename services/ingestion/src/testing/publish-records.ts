import { telemetrySubject } from '@vedette/event-bus';
import { newId } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import { connectorOf } from '../connectors/index.ts';
import type { ConnectorType } from '../connectors/index.ts';
import { encodeEvent, joinBatch } from '../telemetry/telemetry-batch.ts';
import { toTelemetryEvent } from '../telemetry/telemetry-event.ts';
import type { TestCustomer, TestIngestion } from './ingestion-product.ts';

/** A connector's id that no connector has: history does not ask whether there is one. */
const connectorId = '01900000-0000-7000-8000-000000000001';

/** Publishes records of a customer as one batch, as the door does, and waits until history has them. */
export async function publishRecords(
  { bus }: TestIngestion,
  customer: TestCustomer,
  type: ConnectorType,
  ...records: readonly Readonly<Record<string, unknown>>[]
): Promise<void> {
  const receivedAt = Date.now();
  const events = records.map((record) => {
    const event = connectorOf(type).parse(record, receivedAt, {});
    const received = { event, raw: JSON.stringify(record), receivedAt, occurrence: 0 };
    return encodeEvent(
      toTelemetryEvent({ connectorId, customerId: customer.customerId }, received),
    );
  });
  const bytes = joinBatch({ batchId: newId(), ...customer }, events);
  await bus.client.publish(telemetrySubject(customer.customerId), bytes);
  await waitFor(async () => {
    const info = await bus.manager.consumers.info('TELEMETRY', 'ingestion-store-telemetry');
    return info.num_pending === 0 && info.num_ack_pending === 0;
  });
}

/** Waits until everything was concluded from what history has of a customer. */
export async function untilSettled(
  { select }: TestIngestion,
  { customerId }: TestCustomer,
): Promise<void> {
  const tables = ['asset_keys', 'assessments', 'identity_links'];
  const open = tables.map(
    (table) => `select 1 from ${table} where customer_id = $1 and not is_settled`,
  );
  await waitFor(async () => (await select(open.join(' union all '), [customerId])).length === 0);
}
