import { fromBinary } from '@bufbuild/protobuf';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { TenancyEvent } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { Database } from '@vedette/service-kit';

/** What was told of an aggregate, in order, as it stands in the outbox. */
export function toldEvents(db: Database, aggregateId: string): Promise<TenancyEvent[]> {
  return db.infrastructure(async (tx) => {
    const rows: { payload: Buffer }[] = await tx.query(
      'select payload from outbox where aggregate_id = $1 order by position',
      [aggregateId],
    );
    return rows.map(({ payload }) => fromBinary(TenancyEventSchema, payload));
  });
}
