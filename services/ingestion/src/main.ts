import { runProcess } from '@vedette/service-kit';
import { loadConfig } from './config.ts';
import { migrations } from './migrations/migrations.ts';
import { startIngestionService } from './service.ts';

await runProcess({
  name: 'ingestion',
  env: process.env,
  argv: process.argv,
  loadConfig,
  schema: { name: 'ingestion', migrations },
  start: startIngestionService,
});
