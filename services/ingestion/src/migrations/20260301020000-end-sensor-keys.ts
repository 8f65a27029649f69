import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A sensor's key can end: at once, or after a while in which its successor is brought to the sensor. */
export class EndSensorKeys implements MigrationInterface {
  readonly name = 'EndSensorKeys20260301020000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table sensor_keys add column expires_at timestamptz');
    await runner.query(
      'create index ix_sensor_keys_connector_id on sensor_keys (customer_id, connector_id)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index ix_sensor_keys_connector_id');
    await runner.query('alter table sensor_keys drop column expires_at');
  }
}
