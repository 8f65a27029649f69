import { runProcess } from '@vedette/service-kit';
import { loadDetectorConfig } from './config.ts';
import { startDetector } from './detector.ts';
import { huntingMigrations } from './migrations/all.ts';

await runProcess({
  name: 'hunting-detector',
  env: process.env,
  argv: process.argv,
  isBackground: true,
  loadConfig: loadDetectorConfig,
  schema: { name: 'hunting', migrations: huntingMigrations },
  start: startDetector,
});
