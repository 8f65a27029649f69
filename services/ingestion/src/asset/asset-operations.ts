import { addToOutbox } from '@vedette/event-bus';
import {
  authorize,
  findCustomer,
  findProviderNow,
  narrowScope,
  NotFoundError,
  parseId,
  scopeOf,
  toConnection,
  toPage,
} from '@vedette/service-kit';
import type {
  Connection,
  OperationContext,
  PageArguments,
  Transaction,
} from '@vedette/service-kit';
import { assetDiscovered } from '../events.ts';
import { addSightings, findAssets, listAssets as listAssetRows } from './asset-store.ts';
import type { AssetRow, AssetSighting } from './asset-store.ts';

/**
 * Notes activity on a customer's assets, inside the transaction that stores it. An asset that was not
 * known becomes known, once, with its event. Safe to repeat.
 */
export async function noteSightings(
  tx: Transaction,
  tenant: { readonly customerId: string; readonly providerId: string },
  sightings: readonly AssetSighting[],
): Promise<void> {
  const discovered = await addSightings(tx, tenant.customerId, sightings);
  if (discovered.length === 0) return;
  // The telemetry may have come while another provider looked after the customer.
  const providerId = await findProviderNow(tx, tenant);
  const now = new Date();
  await addToOutbox(
    tx,
    discovered.map((asset) => assetDiscovered(asset, providerId, now)),
  );
}

/** Assets by id, for references; what the viewer does not reach is null. */
export async function loadAssets(
  ctx: OperationContext,
  assetIds: readonly string[],
): Promise<(AssetRow | null)[]> {
  authorize(ctx.viewer, 'asset:read');
  const ids = assetIds.map((id) => parseId('id', id));
  const scope = scopeOf(ctx.viewer);
  const rows = await ctx.db.transaction(scope, (tx) => findAssets(tx, scope, ids));
  const byId = new Map(rows.map((row) => [row.assetId, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** @throws {NotFoundError} no such asset among those of the viewer's customers */
export async function getAsset(ctx: OperationContext, id: string): Promise<AssetRow> {
  const [asset] = await loadAssets(ctx, [id]);
  if (!asset) throw new NotFoundError('Asset', id);
  return asset;
}

export interface ListAssetsArguments extends PageArguments {
  readonly filter?: {
    readonly customerId?: string | null;
    readonly from?: Date | null;
    readonly to?: Date | null;
  } | null;
}

/** @throws {NotFoundError} the filter names a customer that the viewer does not reach */
export async function listAssets(
  ctx: OperationContext,
  { filter, ...args }: ListAssetsArguments,
): Promise<Connection<AssetRow>> {
  const page = toPage(args, ['TIME', 'ID']);
  const wantedCustomerId = filter?.customerId ?? null;
  const customerId =
    wantedCustomerId === null ? undefined : parseId('filter.customerId', wantedCustomerId);
  authorize(ctx.viewer, 'asset:read', customerId ? { customerId } : {});
  const reach = scopeOf(ctx.viewer);
  const scope = customerId ? narrowScope(reach, customerId) : reach;
  const rows = await ctx.db.transaction(scope, async (tx) => {
    if (customerId && !(await findCustomer(tx, scope, customerId))) {
      throw new NotFoundError('Customer', customerId);
    }
    return listAssetRows(tx, scope, page, {
      ...(filter?.from ? { from: filter.from } : {}),
      ...(filter?.to ? { to: filter.to } : {}),
    });
  });
  return toConnection(rows, page, (row) => [row.lastSeenAt, row.assetId]);
}
