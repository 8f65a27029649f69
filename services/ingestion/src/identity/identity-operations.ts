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
import type { Connection, OperationContext, PageArguments } from '@vedette/service-kit';
import { parseReason } from '../asset/asset-change-operations.ts';
import { parseNamePart } from '../asset/asset-operations.ts';
import type { Level } from '../asset/assessment.ts';
import { savePersonsOpinion } from '../asset/assessment-store.ts';
import { lockFacts } from '../asset/lock-facts.ts';
import type { IdentityKind } from './account-name.ts';
import {
  findIdentities,
  listIdentities as listIdentityRows,
  loadIdentityAliases,
} from './identity-store.ts';
import type { IdentityRow } from './identity-store.ts';
import { settleIdentities } from './settle-identities.ts';

/** Identities by id, as they are shown, for references; what the viewer does not reach is null. */
export async function loadIdentities(
  ctx: OperationContext,
  identityIds: readonly string[],
): Promise<(IdentityRow | null)[]> {
  authorize(ctx.viewer, 'asset:read');
  const ids = identityIds.map((id) => parseId('id', id));
  const scope = scopeOf(ctx.viewer);
  const rows = await ctx.db.transaction(scope, async (tx) => {
    const found = await findIdentities(tx, scope, ids);
    const survivors = found.flatMap(({ mergedInto }) => mergedInto ?? []);
    if (survivors.length === 0) return found;
    return [...found, ...(await findIdentities(tx, scope, survivors))];
  });
  const byId = new Map(rows.map((row) => [row.identityId, row]));
  return ids.map((id) => {
    const row = byId.get(id);
    return (row?.mergedInto ? byId.get(row.mergedInto) : row) ?? null;
  });
}

/** @throws {NotFoundError} no such identity among those of the viewer's customers */
export async function getIdentity(ctx: OperationContext, id: string): Promise<IdentityRow> {
  const [identity] = await loadIdentities(ctx, [id]);
  if (!identity) throw new NotFoundError('Identity', id);
  return identity;
}

/** Other names of identities. They were found in the viewer's scope. */
export async function loadAliases(
  ctx: OperationContext,
  identityIds: readonly string[],
): Promise<(readonly string[])[]> {
  authorize(ctx.viewer, 'asset:read');
  const aliases = await ctx.db.transaction(scopeOf(ctx.viewer), (tx) =>
    loadIdentityAliases(tx, identityIds),
  );
  return identityIds.map((id) => aliases.get(id) ?? []);
}

export interface ListIdentitiesArguments extends PageArguments {
  readonly filter?: {
    readonly customerId?: string | null;
    readonly from?: Date | null;
    readonly to?: Date | null;
    readonly risk?: Level | null;
    readonly kind?: IdentityKind | null;
    readonly name?: string | null;
  } | null;
}

/** @throws {NotFoundError} the filter names a customer that the viewer does not reach */
export async function listIdentities(
  ctx: OperationContext,
  { filter, ...args }: ListIdentitiesArguments,
): Promise<Connection<IdentityRow>> {
  const page = toPage(args, ['TIME', 'ID']);
  const wanted = filter?.customerId ?? null;
  const customerId = wanted === null ? undefined : parseId('filter.customerId', wanted);
  authorize(ctx.viewer, 'asset:read', customerId ? { customerId } : {});
  const name = parseNamePart(filter?.name);
  const reach = scopeOf(ctx.viewer);
  const scope = customerId ? narrowScope(reach, customerId) : reach;
  const rows = await ctx.db.transaction(scope, async (tx) => {
    if (customerId && !(await findCustomer(tx, scope, customerId))) {
      throw new NotFoundError('Customer', customerId);
    }
    return listIdentityRows(tx, scope, page, {
      ...(filter?.from ? { from: filter.from } : {}),
      ...(filter?.to ? { to: filter.to } : {}),
      ...(filter?.risk ? { risk: filter.risk } : {}),
      ...(filter?.kind ? { kind: filter.kind } : {}),
      ...(name === undefined ? {} : { name }),
    });
  });
  return toConnection(rows, page, (row) => [row.lastSeenAt, row.identityId]);
}

export interface SetIdentityRiskInput {
  readonly identityId: string;
  /** Null or absent takes back what was said. */
  readonly risk?: Level | null;
  readonly reason: string;
}

/**
 * Says how much harm an account could do, or takes back what was said. Safe to repeat: the same again adds no event.
 * @throws {NotFoundError} no such identity among the viewer's
 * @throws {InvalidInputError} a reason that is empty or too long
 */
export async function setIdentityRisk(
  ctx: OperationContext,
  { identityId: id, risk = null, reason }: SetIdentityRiskInput,
): Promise<IdentityRow> {
  authorize(ctx.viewer, 'asset:write');
  const identityId = parseId('input.identityId', id);
  const said = parseReason(reason);
  const scope = scopeOf(ctx.viewer);
  await ctx.db.transaction(scope, async (tx) => {
    const [found] = await findIdentities(tx, scope, [identityId]);
    const customer = found && (await findCustomer(tx, scope, found.customerId));
    if (!found || !customer) throw new NotFoundError('Identity', identityId);
    const { customerId } = found;
    await lockFacts(tx, customerId);
    // As it is now that nobody else changes it.
    const [identity = found] = await findIdentities(tx, scope, [identityId]);
    const doing = {
      providerId: await findProviderNow(tx, customer),
      ...{ at: ctx.clock(), actor: ctx.viewer },
    };
    await savePersonsOpinion(tx, customerId, identity.mergedInto ?? identityId, {
      ...{ level: risk, reason: said, setBy: ctx.viewer.principalId, setAt: doing.at },
    });
    await settleIdentities(tx, customerId, [identityId], doing);
  });
  return getIdentity(ctx, identityId);
}
