import { authorize, newId, scopeOf } from '@vedette/service-kit';
import type { OperationContext, Transaction } from '@vedette/service-kit';
import type { CorrelatorCounts } from '@vedette/sigma';
import { toCorrelationDetection } from '../detection/detection.ts';
import type { Detection } from '../detection/detection.ts';
import { lockCorrelationState, writeCorrelationState } from './correlation-store.ts';
import type { CachedCorrelator, CorrelatorCache } from './correlator-cache.ts';
import type { MatchedTelemetry } from './customer-correlator.ts';
import { fromStateText, toStateText } from './state-text.ts';

/**
 * Correlates telemetry of one customer, in its order, and gives the detections that it completes. They have
 * to be raised in the same transaction: what was counted is written in it, and not told again. An event that
 * was counted before is passed over.
 * @throws {ConflictError} another process has gone on with the customer meanwhile
 */
export async function correlate(
  ctx: OperationContext,
  customerId: string,
  telemetry: readonly MatchedTelemetry[],
  cache: CorrelatorCache,
): Promise<Detection[]> {
  authorize(ctx.viewer, 'detection:raise', { customerId });
  const feeding = telemetry.filter(({ matches }) => cache.isFedBy(matches));
  if (feeding.length === 0) return [];
  return ctx.db.transaction(scopeOf(ctx.viewer), async (tx) => {
    const { version: madeFrom, correlator } = await takeCurrent(ctx, tx, customerId, cache);
    const news = feeding.filter((each) => !correlator.hasSeen(each));
    const last = news.at(-1);
    if (!last) {
      cache.keep(customerId, { version: madeFrom, correlator });
      return [];
    }
    const before = correlator.counts;
    const detections = news.flatMap((each) =>
      correlator
        .observe(each)
        .map((match) => toCorrelationDetection(each.event, match, ctx.clock())),
    );
    warnOfBounds(ctx, customerId, before, correlator.counts);
    const state = toStateText(correlator.save(last.event.receivedAt));
    // Never used before: a cache that is ahead of a transaction that failed agrees with no row.
    const version = newId();
    await writeCorrelationState(tx, { customerId, version, state, madeFrom });
    cache.keep(customerId, { version, correlator });
    return detections;
  });
}

/** The customer's correlator, read anew where others have gone on, or where this process was not heard. */
async function takeCurrent(
  { logger }: OperationContext,
  tx: Transaction,
  customerId: string,
  cache: CorrelatorCache,
): Promise<CachedCorrelator> {
  const { version: known, correlator } = cache.take(customerId);
  const kept = await lockCorrelationState(tx, customerId, known);
  const version = kept?.version ?? null;
  if (version === known) return { version, correlator };
  correlator.restore(kept?.state ? fromStateText(kept.state) : undefined);
  const { ignoredStates } = correlator.counts;
  if (ignoredStates > 0)
    logger.info({ customerId, ignoredStates }, 'changed correlations begin anew');
  return { version, correlator };
}

/** Once a batch, whatever the number: whoever floods a customer does not flood the log. */
function warnOfBounds(
  { logger }: OperationContext,
  customerId: string,
  before: CorrelatorCounts,
  after: CorrelatorCounts,
): void {
  const evictedGroups = after.evicted - before.evicted;
  const cutEvents = after.cut - before.cut;
  if (evictedGroups === 0 && cutEvents === 0) return;
  logger.warn({ customerId, evictedGroups, cutEvents }, 'correlations at their bounds');
}
