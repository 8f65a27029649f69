import { addToOutbox } from '@vedette/event-bus';
import {
  authorize,
  findCustomer,
  findProviderNow,
  InvalidInputError,
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
import type { Level } from './assessment.ts';
import { keysOfName } from './asset-facts.ts';
import { addAssetKeys, loadAssetDetails } from './asset-key-store.ts';
import type { AssetDetails } from './asset-key-store.ts';
import { addSightings, findAssets, listAssets as listAssetRows } from './asset-store.ts';
import type { AssetRow, AssetSighting } from './asset-store.ts';
import type { AssetKind } from './criticality-rules.ts';

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
  const keys = discovered.flatMap(({ assetId, name }) => keysOfName(assetId, name));
  await addAssetKeys(tx, tenant.customerId, keys);
}

/**
 * The ids under which an asset's telemetry was stored: of the one that it is shown as, and of all that were merged into
 * that. The id alone where there is no such asset. The scope is the transaction's.
 */
export async function assetIdsOf(
  tx: Transaction,
  customerId: string,
  assetId: string,
): Promise<string[]> {
  const rows: { id: string }[] = await tx.query(
    `with shown as (
       select coalesce(merged_into, asset_id) as id from assets
       where customer_id = $1 and asset_id = $2)
     select id from shown
     union
     select asset_id from assets where customer_id = $1 and merged_into = (select id from shown)`,
    [customerId, assetId],
  );
  return rows.length === 0 ? [assetId] : rows.map(({ id }) => id);
}

/** Assets by id, as they are shown, for references; what the viewer does not reach is null. */
export async function loadAssets(
  ctx: OperationContext,
  assetIds: readonly string[],
): Promise<(AssetRow | null)[]> {
  authorize(ctx.viewer, 'asset:read');
  const ids = assetIds.map((id) => parseId('id', id));
  const scope = scopeOf(ctx.viewer);
  const rows = await ctx.db.transaction(scope, async (tx) => {
    const found = await findAssets(tx, scope, ids);
    const survivors = found.flatMap(({ mergedInto }) => mergedInto ?? []);
    return survivors.length === 0 ? found : [...found, ...(await findAssets(tx, scope, survivors))];
  });
  const byId = new Map(rows.map((row) => [row.assetId, row]));
  return ids.map((id) => {
    const row = byId.get(id);
    return (row?.mergedInto ? byId.get(row.mergedInto) : row) ?? null;
  });
}

/** What is shown of assets beside their rows. They were found in the viewer's scope. */
export async function loadDetails(
  ctx: OperationContext,
  assetIds: readonly string[],
): Promise<AssetDetails[]> {
  authorize(ctx.viewer, 'asset:read');
  const details = await ctx.db.transaction(scopeOf(ctx.viewer), (tx) =>
    loadAssetDetails(tx, assetIds),
  );
  const none = { agentIds: [], macAddresses: [], aliases: [], os: null };
  return assetIds.map((id) => details.get(id) ?? none);
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
    readonly criticality?: Level | null;
    readonly kind?: AssetKind | null;
    readonly name?: string | null;
  } | null;
}

const maxNamePart = 200;

/** @throws {InvalidInputError} it is empty or too long, or holds what no name does */
export function parseNamePart(part: string | null | undefined): string | undefined {
  if (part === null || part === undefined) return undefined;
  if (part !== '' && part.length <= maxNamePart && !part.includes('\0')) return part;
  throw new InvalidInputError(`'filter.name' must have 1 to ${maxNamePart} characters.`, [
    { path: 'filter.name', problem: part === '' ? 'empty' : 'too long' },
  ]);
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
  const name = parseNamePart(filter?.name);
  const reach = scopeOf(ctx.viewer);
  const scope = customerId ? narrowScope(reach, customerId) : reach;
  const rows = await ctx.db.transaction(scope, async (tx) => {
    if (customerId && !(await findCustomer(tx, scope, customerId))) {
      throw new NotFoundError('Customer', customerId);
    }
    return listAssetRows(tx, scope, page, {
      ...(filter?.from ? { from: filter.from } : {}),
      ...(filter?.to ? { to: filter.to } : {}),
      ...(filter?.criticality ? { criticality: filter.criticality } : {}),
      ...(filter?.kind ? { kind: filter.kind } : {}),
      ...(name === undefined ? {} : { name }),
    });
  });
  return toConnection(rows, page, (row) => [row.lastSeenAt, row.assetId]);
}
