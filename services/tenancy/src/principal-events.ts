import type { OutboxEvent } from '@vedette/event-bus';
import { operatorId } from '@vedette/service-kit';
import { toOutboxEvent } from './events.ts';
import type { IssuerRow } from './issuer/issuer-store.ts';
import type { Owned } from './owner/owner.ts';

/** A user or an API key at the version that a change of it or of its grants gave it. */
export interface ChangedPrincipal extends Owned {
  readonly principalId: string;
  readonly version: number;
}

/** @param change when, and who did it */
export function principalChanged(
  principal: ChangedPrincipal,
  change: { readonly at: Date; readonly actor: string },
): OutboxEvent {
  const { principalId, version } = principal;
  return toOutboxEvent(
    'principal_changed',
    tenantOf(principal),
    { id: principalId, version, ...change },
    {
      case: 'principalChanged',
      value: { $typeName: 'vedette.tenancy.v1.PrincipalChanged', principalId },
    },
  );
}

/** @param change when, and who did it */
export function issuerChanged(
  issuer: IssuerRow,
  change: { readonly at: Date; readonly actor: string },
): OutboxEvent {
  const { issuerId, version } = issuer;
  return toOutboxEvent(
    'issuer_changed',
    tenantOf(issuer),
    { id: issuerId, version, ...change },
    { case: 'issuerChanged', value: { $typeName: 'vedette.tenancy.v1.IssuerChanged', issuerId } },
  );
}

/** Events of the operator itself name no provider. */
function tenantOf({ providerId, customerId }: Owned): { providerId: string; customerId: string } {
  return {
    providerId: providerId === operatorId ? '' : providerId,
    customerId: customerId ?? '',
  };
}
