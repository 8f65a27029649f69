import { authorize, scopeOf } from '@vedette/service-kit';
import type { OperationContext } from '@vedette/service-kit';
import { listPolls } from './poll-store.ts';
import type { ShownPoll } from './poll-store.ts';

/** What is fetched for connectors, in the order of their ids; nothing for one that the viewer does not reach. */
export async function loadPolls(
  ctx: OperationContext,
  connectorIds: readonly string[],
): Promise<(readonly ShownPoll[])[]> {
  authorize(ctx.viewer, 'connector:read');
  const scope = scopeOf(ctx.viewer);
  const polls = await ctx.db.transaction(scope, (tx) => listPolls(tx, scope, connectorIds));
  const byConnector = Map.groupBy(polls, ({ connectorId }) => connectorId);
  return connectorIds.map((id) => byConnector.get(id) ?? []);
}
