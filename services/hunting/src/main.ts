import { runProcess } from '@vedette/service-kit';
import { loadConfig } from './config.ts';
import { huntingMigrations } from './migrations/all.ts';
import { startHuntingService } from './service.ts';

await runProcess({
  name: 'hunting',
  env: process.env,
  argv: process.argv,
  loadConfig,
  schema: { name: 'hunting', migrations: huntingMigrations },
  start: startHuntingService,
});
