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
import type { Connection, OperationContext, PageArguments } from '@vedette/service-kit';
import { detectionRaised } from '../events.ts';
import type { Detection, DetectionSeverity } from './detection.ts';
import {
  findDetections,
  insertDetections,
  listDetections as listDetectionRows,
} from './detection-store.ts';

/**
 * Keeps detections of one customer and tells of those that are new. Safe to repeat: a detection is
 * kept and told once.
 */
export async function raiseDetections(
  ctx: OperationContext,
  customerId: string,
  detections: readonly Detection[],
): Promise<void> {
  authorize(ctx.viewer, 'detection:raise', { customerId });
  const [first] = detections;
  if (!first) return;
  await ctx.db.transaction(scopeOf(ctx.viewer), async (tx) => {
    // The telemetry may have come while another provider looked after the customer.
    const providerId = await findProviderNow(tx, first);
    const raised = await insertDetections(
      tx,
      detections.map((detection) => ({ ...detection, providerId })),
    );
    await addToOutbox(
      tx,
      raised.map((detection) => detectionRaised(detection, ctx.viewer.principalId)),
    );
  });
}

/** @throws {NotFoundError} no such detection among the viewer's */
export async function getDetection(ctx: OperationContext, id: string): Promise<Detection> {
  const [detection] = await loadDetections(ctx, [id]);
  if (!detection) throw new NotFoundError('Detection', id);
  return detection;
}

/** Detections by id, for references; what the viewer does not reach is null. */
export async function loadDetections(
  ctx: OperationContext,
  detectionIds: readonly string[],
): Promise<(Detection | null)[]> {
  authorize(ctx.viewer, 'detection:read');
  const scope = scopeOf(ctx.viewer);
  const ids = detectionIds.map((id) => parseId('id', id));
  const rows = await ctx.db.transaction(scope, (tx) => findDetections(tx, scope, ids));
  const byId = new Map(rows.map((row) => [row.detectionId, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

export interface ListDetectionsArguments extends PageArguments {
  readonly filter?: {
    readonly customerId?: string | null;
    readonly from?: Date | null;
    readonly to?: Date | null;
    readonly minimumSeverity?: DetectionSeverity | null;
    readonly ruleId?: string | null;
    readonly assetId?: string | null;
  } | null;
}

/** @throws {NotFoundError} the filter names a customer that the viewer does not reach */
export async function listDetections(
  ctx: OperationContext,
  { filter, ...args }: ListDetectionsArguments,
): Promise<Connection<Detection>> {
  const page = toPage(args, ['TIME', 'ID']);
  checkRuleId(filter?.ruleId);
  const wantedCustomerId = filter?.customerId ?? null;
  const customerId =
    wantedCustomerId === null ? undefined : parseId('filter.customerId', wantedCustomerId);
  const wantedAssetId = filter?.assetId ?? null;
  const assetId = wantedAssetId === null ? undefined : parseId('filter.assetId', wantedAssetId);
  authorize(ctx.viewer, 'detection:read', customerId ? { customerId } : {});
  const scope = customerId ? narrowScope(scopeOf(ctx.viewer), customerId) : scopeOf(ctx.viewer);
  const rows = await ctx.db.transaction(scope, async (tx) => {
    if (customerId && !(await findCustomer(tx, scope, customerId))) {
      throw new NotFoundError('Customer', customerId);
    }
    return listDetectionRows(tx, scope, page, {
      ...(filter?.from ? { from: filter.from } : {}),
      ...(filter?.to ? { to: filter.to } : {}),
      ...(filter?.minimumSeverity ? { minimumSeverity: filter.minimumSeverity } : {}),
      ...(filter?.ruleId ? { ruleId: filter.ruleId } : {}),
      ...(assetId ? { assetId } : {}),
    });
  });
  return toConnection(rows, page, (row) => [row.occurredAt, row.detectionId]);
}

/** A rule's id is any text that PostgreSQL can hold, but the empty one, since not every rule has a UUID. */
function checkRuleId(ruleId: string | null | undefined): void {
  if (ruleId !== '' && !ruleId?.includes('\0')) return;
  throw new InvalidInputError("'filter.ruleId' is not an id.", [
    { path: 'filter.ruleId', problem: 'empty, or not text' },
  ]);
}
