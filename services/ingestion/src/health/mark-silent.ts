import { addToOutbox } from '@vedette/event-bus';
import { toError } from '@vedette/service-kit';
import type { Database, Logger } from '@vedette/service-kit';
import { raiseVersions } from '../connector/connector-store.ts';
import { holdCustomer } from '../customer/customer-store.ts';
import { byItself, connectorSilent } from '../events.ts';
import { beginsSilence, silenceMinutes } from './silence.ts';
import { listQuiet, lockWatched, setSilent } from './watch-store.ts';
import type { QuietConnector } from './watch-store.ts';

export interface SilenceDependencies {
  readonly database: Database;
  readonly clock: () => Date;
  readonly logger: Logger;
  /** Up to when everything that was received is stored; null while nobody can say. */
  readonly knownUntil: () => Promise<Date | null>;
}

const pageSize = 500;

/**
 * Looks at all connectors once and tells which have fallen silent, each once a silence. Safe to repeat. While history
 * is behind it looks only as far as history is: what waits to be stored is no silence.
 */
export async function markSilent(dependencies: SilenceDependencies): Promise<void> {
  const { database, logger } = dependencies;
  const knownUntil = await dependencies.knownUntil().catch((error: unknown) => {
    logger.warn({ err: toError(error) }, 'how far history is cannot be said: no silence is told');
    return null;
  });
  if (knownUntil === null) return;
  const before = new Date(knownUntil.getTime() - silenceMinutes.min * 60_000);
  let afterId: string | null = null;
  for (;;) {
    const last: string | null = afterId;
    // Across customers, so as operator; what is changed is changed in its customer's scope.
    const quiet: QuietConnector[] = await database.transaction({ kind: 'OPERATOR' }, (tx) =>
      listQuiet(tx, before, last, pageSize),
    );
    for (const connector of quiet) {
      if (beginsSilence(connector, connector, knownUntil) === null) continue;
      await markOne(connector, knownUntil, dependencies);
    }
    if (quiet.length < pageSize) return;
    afterId = quiet.at(-1)?.connectorId ?? null;
  }
}

/** Decides once more with the connector locked: an event, or another process, may have been quicker. */
function markOne(
  connector: Pick<QuietConnector, 'customerId' | 'connectorId'>,
  knownUntil: Date,
  { database, clock }: SilenceDependencies,
): Promise<void> {
  const scope = { kind: 'CUSTOMERS', customerIds: [connector.customerId] } as const;
  return database.transaction(scope, async (tx) => {
    const customer = await holdCustomer(tx, connector.customerId, 'SHARE');
    const watched = await lockWatched(tx, connector);
    if (!customer || !watched) return;
    const rules = { ...watched, isServed: customer.isServed };
    const silentSince = beginsSilence(watched.watch, rules, knownUntil);
    if (silentSince === null) return;
    await setSilent(tx, connector, silentSince);
    const doing = { providerId: customer.providerId, at: clock(), actor: byItself };
    const changed = await raiseVersions(tx, [connector.connectorId]);
    const silence = { silentSince, lastEventAt: watched.lastEventAt };
    await addToOutbox(
      tx,
      changed.map((version) => connectorSilent(version, silence, doing)),
    );
  });
}
