import {
  authorize,
  findCustomer,
  narrowScope,
  NotFoundError,
  parseId,
  scopeOf,
  toConnection,
  toPage,
} from '@vedette/service-kit';
import type { Connection, OperationContext, PageArguments } from '@vedette/service-kit';
import { listQuarantined } from './quarantined-records.ts';
import type { QuarantinedRow } from './quarantined-records.ts';

export interface ListQuarantinedArguments extends PageArguments {
  readonly filter?: {
    readonly customerId?: string | null;
    readonly connectorId?: string | null;
    readonly code?: string | null;
    readonly isReplayed?: boolean | null;
  } | null;
}

/**
 * Records that could not be taken, latest first; a page is bounded by `first` and by bytes.
 * @throws {NotFoundError} the filter names a customer that the viewer does not reach
 */
export async function listQuarantinedRecords(
  ctx: OperationContext,
  { filter, ...args }: ListQuarantinedArguments,
): Promise<Connection<QuarantinedRow>> {
  const page = toPage(args, ['TIME', 'ID']);
  const customerId = parseOptional('filter.customerId', filter?.customerId);
  const connectorId = parseOptional('filter.connectorId', filter?.connectorId);
  authorize(ctx.viewer, 'telemetry:read', customerId ? { customerId } : {});
  const reach = scopeOf(ctx.viewer);
  const scope = customerId ? narrowScope(reach, customerId) : reach;
  // No code of ours has such characters, and PostgreSQL cannot look for U+0000.
  const code = filter?.code?.toWellFormed().replaceAll('\0', '');
  const { rows, hasNextPage } = await ctx.db.transaction(scope, async (tx) => {
    if (customerId && !(await findCustomer(tx, scope, customerId))) {
      throw new NotFoundError('Customer', customerId);
    }
    return listQuarantined(tx, scope, page, {
      ...(connectorId ? { connectorId } : {}),
      ...(code === undefined ? {} : { code }),
      ...(typeof filter?.isReplayed === 'boolean' ? { isReplayed: filter.isReplayed } : {}),
    });
  });
  return toConnection(rows, page, (row) => [row.receivedAt, row.recordId], hasNextPage);
}

function parseOptional(path: string, id: string | null | undefined): string | undefined {
  return id === null || id === undefined ? undefined : parseId(path, id);
}
