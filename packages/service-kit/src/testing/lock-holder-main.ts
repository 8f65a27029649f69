/** A process that holds a lock until it is killed: `lock-holder-main.ts <url> <name>`. */
import process from 'node:process';
import { connectDatabase } from '../database.ts';

const [url = '', name = ''] = process.argv.slice(2);
const database = await connectDatabase({
  url,
  schema: 'kit',
  applicationName: 'lock holder',
  poolSize: 1,
  entities: [],
});
await database.tryWithLock(name, async () => {
  process.stdout.write('held\n');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});
await database.close();
