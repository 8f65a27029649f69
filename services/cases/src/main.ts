import { runProcess } from '@vedette/service-kit';
import { loadConfig } from './config.ts';
import { casesMigrations } from './migrations/all.ts';
import { startCasesService } from './service.ts';

await runProcess({
  name: 'cases',
  env: process.env,
  argv: process.argv,
  loadConfig,
  schema: { name: 'cases', migrations: casesMigrations },
  start: startCasesService,
});
