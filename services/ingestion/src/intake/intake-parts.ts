import type { Database, Logger } from '@vedette/service-kit';
import type { RequiredDurables } from '../telemetry/required-durables.ts';
import type { TelemetryPublisher } from '../telemetry/telemetry-publisher.ts';
import type { Quarantine } from './accept-records.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { EventRates } from './event-rates.ts';

/** What every way into the stream goes through: doors, pollers, and replays out of quarantine. */
export interface Intake {
  /** Bytes between a door and their acknowledgement. */
  readonly budget: ByteBudget;
  /** Events a second. */
  readonly rates: EventRates;
  /** Whether events can be stored at all. */
  readonly durables: RequiredDurables;
  readonly publisher: TelemetryPublisher;
  readonly quarantine: Quarantine;
  readonly database: Database;
  readonly clock: () => Date;
  readonly logger: Logger;
}
