import { setTimeout as sleep } from 'node:timers/promises';
import { findProviderNow, toError } from '@vedette/service-kit';
import type { Database, Logger } from '@vedette/service-kit';
import { findUnsettledOpinions, markOpinionsSettled } from '../asset/assessment-store.ts';
import { findUnsettledKeys, markKeysSettled } from '../asset/asset-key-store.ts';
import { lockFacts } from '../asset/lock-facts.ts';
import { settleAssets } from '../asset/settle-assets.ts';
import { byItself } from '../events.ts';
import { findUnsettledLinks, markLinksSettled } from './identity-link-store.ts';
import { settleIdentities } from './settle-identities.ts';

export interface SettlingDependencies {
  readonly database: Database;
  readonly clock: () => Date;
  readonly logger: Logger;
}

/** Facts of each kind that one transaction settles, and customers that one round looks at. */
const maxFacts = 500;
const maxCustomers = 100;

/**
 * Concludes what follows from facts that the history writer has added: which assets and identities are one, and how
 * grave each is. Apart from the writer, so that a batch waits for no conclusion, and in an order of its own:
 * conclusions depend on all that is known and not on which batch came first. Facts are marked last, after the rows
 * are held, since the writer waits for a fact that is being marked while it holds rows.
 * @returns how many facts were settled
 */
async function settleFacts(deps: SettlingDependencies): Promise<number> {
  const customers = await deps.database.transaction({ kind: 'OPERATOR' }, (tx) =>
    tx.query<{ customerId: string; providerId: string }[]>(
      `select customer_id as "customerId", provider_id as "providerId" from customers
       where customer_id in (select customer_id from asset_keys where not is_settled
                             union select customer_id from assessments where not is_settled
                             union select customer_id from identity_links where not is_settled)
       order by random() limit $1`,
      [maxCustomers],
    ),
  );
  let settled = 0;
  for (const customer of customers) settled += await settleCustomer(deps, customer);
  return settled;
}

/** One customer's, a transaction at a time, until there are none. */
async function settleCustomer(
  { database, clock }: Pick<SettlingDependencies, 'database' | 'clock'>,
  told: { readonly customerId: string; readonly providerId: string },
): Promise<number> {
  const { customerId } = told;
  const scope = { kind: 'CUSTOMERS', customerIds: [customerId] } as const;
  const settled = await database.transaction(scope, async (tx) => {
    await lockFacts(tx, customerId);
    const keys = await findUnsettledKeys(tx, customerId, maxFacts);
    const links = await findUnsettledLinks(tx, customerId, maxFacts);
    const opinions = await findUnsettledOpinions(tx, customerId, maxFacts);
    const facts = keys.length + links.length + opinions.length;
    if (facts === 0) return 0;
    const providerId = await findProviderNow(tx, told);
    const doing = { providerId, at: clock(), actor: byItself };
    const subjects = opinions.map(({ subjectId }) => subjectId);
    const seeds = (ids: readonly string[]): string[] => [...new Set([...ids, ...subjects])];
    await settleAssets(tx, customerId, seeds(keys.map(({ assetId }) => assetId)), doing);
    await settleIdentities(tx, customerId, seeds(links.map((link) => link.identityId)), doing);
    await markKeysSettled(tx, customerId, keys);
    await markLinksSettled(tx, customerId, links);
    await markOpinionsSettled(tx, customerId, opinions);
    return facts;
  });
  return settled < maxFacts ? settled : settled + (await settleCustomer({ database, clock }, told));
}

/** How long it waits when there was nothing to settle. */
const restMs = 1_000;

/** Settles facts until it is stopped. Several processes may do so: each customer's wait for each other. */
export function startSettling(deps: SettlingDependencies): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      await settleFacts(deps).catch((error: unknown) => {
        deps.logger.warn({ err: toError(error) }, 'assets and identities are not settled');
      });
      await sleep(restMs, undefined, { signal }).catch(() => {
        // Settling is being stopped.
      });
    }
  };
  const looped = loop();
  return {
    stop: async () => {
      stopping.abort();
      await looped;
    },
  };
}
