import {
  authorize,
  findCustomer,
  findProviderNow,
  IllegalStateError,
  InvalidInputError,
  NotFoundError,
  parseId,
  scopeOf,
} from '@vedette/service-kit';
import type { OperationContext, Transaction } from '@vedette/service-kit';
import type { Doing } from '../events.ts';
import type { Level } from './assessment.ts';
import { savePersonsOpinion } from './assessment-store.ts';
import { addSeparations, isSeparated } from './asset-key-store.ts';
import { assetIdsOf, getAsset } from './asset-operations.ts';
import { findAssets } from './asset-store.ts';
import type { AssetRow } from './asset-store.ts';
import { lockFacts } from './lock-facts.ts';
import { settleAssets } from './settle-assets.ts';

export interface SetAssetCriticalityInput {
  readonly assetId: string;
  /** Null or absent takes back what was said. */
  readonly criticality?: Level | null;
  readonly reason: string;
}

const maxReasonLength = 500;

/** @throws {InvalidInputError} a reason that is empty or too long */
export function parseReason(text: string): string {
  const reason = text.trim();
  if (reason !== '' && reason.length <= maxReasonLength) return reason;
  throw new InvalidInputError(`The reason must have 1 to ${maxReasonLength} characters.`, [
    { path: 'input.reason', problem: reason === '' ? 'empty' : 'too long' },
  ]);
}

/**
 * Says how much depends on an asset, or takes back what was said. Safe to repeat: the same again adds no event.
 * @throws {NotFoundError} no such asset among the viewer's
 * @throws {InvalidInputError} a reason that is empty or too long
 */
export async function setAssetCriticality(
  ctx: OperationContext,
  { assetId, criticality = null, reason }: SetAssetCriticalityInput,
): Promise<AssetRow> {
  const said = parseReason(reason);
  return changeAsset(ctx, assetId, async (tx, asset, doing) => {
    // A survivor carries the word of all that were merged into it: an earlier one of theirs is older.
    const shownId = asset.mergedInto ?? asset.assetId;
    await savePersonsOpinion(tx, asset.customerId, shownId, {
      ...{ level: criticality, reason: said, setBy: doing.actor.principalId, setAt: doing.at },
    });
  });
}

/**
 * Shows an asset by itself again that was merged into another, and never merges it again with any of those that it was
 * shown together with. Safe to repeat.
 * @throws {NotFoundError} no such asset among the viewer's
 * @throws {IllegalStateError} it is not merged into another, and never was taken back from one
 */
export async function unmergeAsset(ctx: OperationContext, assetId: string): Promise<AssetRow> {
  return changeAsset(ctx, assetId, async (tx, asset, doing) => {
    if (asset.mergedInto === null) {
      if (await isSeparated(tx, asset.customerId, asset.assetId)) return;
      throw new IllegalStateError('The asset is not merged into another.', {
        ...{ state: 'BY_ITSELF', attempted: 'UNMERGE' },
      });
    }
    const together = await assetIdsOf(tx, asset.customerId, asset.assetId);
    const others = together.filter((id) => id !== asset.assetId);
    const told = { setBy: doing.actor.principalId, setAt: doing.at };
    await addSeparations(tx, asset.customerId, asset.assetId, others, told);
  });
}

/** Changes what people hold about an asset, and concludes at once what follows. Answers the asset as it is then shown. */
async function changeAsset(
  ctx: OperationContext,
  id: string,
  change: (tx: Transaction, asset: AssetRow, doing: Doing) => Promise<void>,
): Promise<AssetRow> {
  authorize(ctx.viewer, 'asset:write');
  const assetId = parseId('input.assetId', id);
  const scope = scopeOf(ctx.viewer);
  await ctx.db.transaction(scope, async (tx) => {
    const [found] = await findAssets(tx, scope, [assetId]);
    const customer = found && (await findCustomer(tx, scope, found.customerId));
    if (!found || !customer) throw new NotFoundError('Asset', assetId);
    const { customerId } = found;
    await lockFacts(tx, customerId);
    // As it is now that nobody else changes it.
    const [asset = found] = await findAssets(tx, scope, [assetId]);
    const providerId = await findProviderNow(tx, customer);
    const doing = { providerId, at: ctx.clock(), actor: ctx.viewer };
    await change(tx, asset, doing);
    await settleAssets(tx, customerId, [assetId], doing);
  });
  return getAsset(ctx, assetId);
}
