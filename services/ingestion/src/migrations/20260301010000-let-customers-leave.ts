import { allowPurge, forbidPurge } from '@vedette/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Those whose rows the service could not delete so far. */
const tables = ['telemetry_events', 'assets', 'connectors', 'customers'];

/** A customer's sensors are refused once its service has ended; its rows go when it is purged. */
export class LetCustomersLeave implements MigrationInterface {
  readonly name = 'LetCustomersLeave20260301010000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table customers add column is_served boolean not null default true');
    await allowPurge(runner, tables);
  }

  async down(runner: QueryRunner): Promise<void> {
    await forbidPurge(runner, tables);
    await runner.query('alter table customers drop column is_served');
  }
}
