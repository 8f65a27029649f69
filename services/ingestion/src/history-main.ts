import { runProcess } from '@vedette/service-kit';
import { loadHistoryConfig } from './config.ts';
import { startHistoryService } from './history-service.ts';
import { migrations } from './migrations/migrations.ts';

await runProcess({
  name: 'ingestion-history',
  env: process.env,
  argv: process.argv,
  isBackground: true,
  loadConfig: loadHistoryConfig,
  schema: { name: 'ingestion', migrations },
  start: startHistoryService,
});
