import type { Database } from './database.ts';
import type { Logger } from './logger.ts';
import type { Viewer } from './viewer.ts';

/** What every operation takes first. `db` is the pool, or the transaction that the operation joins. */
export interface OperationContext {
  readonly viewer: Viewer;
  readonly db: Database;
  /** Now; injected, so that tests decide what time it is. */
  readonly clock: () => Date;
  readonly logger: Logger;
}
