// A door of its own, because `vedette bench search` measures the history on a PostgreSQL without any service.
export { migrations as historyMigrations } from '../migrations/migrations.ts';
export { ensureTelemetryPartitions, indexTelemetryTexts } from './telemetry-housekeeping.ts';
export { insertTelemetry, listTelemetry, telemetryRows } from './telemetry-store.ts';
export type { NewTelemetryRow } from './telemetry-store.ts';
export type { TelemetryQuestion } from './telemetry-filter.ts';
