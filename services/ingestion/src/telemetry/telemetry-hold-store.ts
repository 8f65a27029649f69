import type { Transaction } from '@vedette/service-kit';

/** What a case keeps of its customer's telemetry: around one detection, on the case's asset. */
export interface TelemetryHold {
  readonly customerId: string;
  readonly caseId: string;
  readonly detectionId: string;
  /** Absent: the case's asset where it is known, and else all of the customer's telemetry of that time. */
  readonly assetId?: string;
  /** When it was told of, which is close to when it happened. */
  readonly at: Date;
}

const aroundHours = 24;

/** Holds what a detection of a case is about. The scope is the transaction's. */
export async function holdTelemetry(tx: Transaction, hold: TelemetryHold): Promise<void> {
  const { customerId, caseId, detectionId, assetId, at } = hold;
  await tx.query(
    `insert into telemetry_holds (customer_id, case_id, detection_id, asset_id, from_time, to_time, held_until)
     select $1, $2, $3, coalesce($4, earlier.asset_id),
            $5::timestamptz - make_interval(hours => ${aroundHours}),
            $5::timestamptz + make_interval(hours => ${aroundHours}), earlier.held_until
     from (select 1) as always
     left join lateral (
       select asset_id, held_until from telemetry_holds
       where customer_id = $1 and case_id = $2 order by asset_id nulls last limit 1) as earlier on true
     on conflict do nothing`,
    [customerId, caseId, detectionId, assetId ?? null, at],
  );
}

/** Until when a case's telemetry is held: null as long as the case is open. The scope is the transaction's. */
export async function holdCaseUntil(
  tx: Transaction,
  { customerId, caseId }: Pick<TelemetryHold, 'customerId' | 'caseId'>,
  heldUntil: Date | null,
): Promise<void> {
  await tx.query(
    'update telemetry_holds set held_until = $3 where customer_id = $1 and case_id = $2',
    [customerId, caseId, heldUntil],
  );
}

/** Forgets holds that have ended. It spans customers, so it runs as operator. */
export async function purgeEndedHolds(tx: Transaction): Promise<void> {
  await tx.query('delete from telemetry_holds where held_until < now()');
}
