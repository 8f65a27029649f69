import { runProcess } from '@vedette/service-kit';
import { loadConfig } from './config.ts';
import { tenancyMigrations } from './migrations/all.ts';
import { startTenancyService } from './service.ts';

await runProcess({
  name: 'tenancy',
  env: process.env,
  argv: process.argv,
  loadConfig,
  schema: { name: 'tenancy', migrations: tenancyMigrations },
  start: startTenancyService,
});
