import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was detected before rules said how sure they are is weak. */
export class AddSignalStrength implements MigrationInterface {
  readonly name = 'AddSignalStrength20260401010000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table detections add column signal_strength text not null default 'WEAK'
        check (signal_strength in ('STRONG', 'WEAK'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table detections drop column signal_strength');
  }
}
