import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { domainSubject } from '@vedette/event-bus';
import type { OutboxEvent } from '@vedette/event-bus';
import {
  CustomerExportedSchema,
  CustomerPurgedSchema,
} from '@vedette/proto-schemas/common/v1/customer_receipt';
import {
  CustomerChangedSchema,
  CustomerExportRequestedSchema,
  CustomerMovedSchema,
  CustomerOffboardedSchema,
  CustomerOnboardedSchema,
  CustomerPurgeAnsweredSchema,
  CustomerPurgeCompletedSchema,
  CustomerPurgeRequestedSchema,
  Plan,
  ProviderFrozenSchema,
  ProviderOnboardedSchema,
  ProviderUnfrozenSchema,
  TenancyEventSchema,
} from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { TenancyEvent } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { newId } from '@vedette/service-kit';
import { leavingServices } from './customer-leaving/customer-leaving.ts';
import type { LeavingService } from './customer-leaving/customer-leaving.ts';
import type { Customer } from './customer/customer.ts';
import type { Provider } from './provider/provider.ts';

const plans = { STANDARD: Plan.STANDARD, ADVANCED: Plan.ADVANCED } as const;

/** Who did something, and when. */
export interface Doing {
  readonly at: Date;
  readonly actor: string;
}

export function providerOnboarded(provider: Provider, actor: string): OutboxEvent {
  const doing = { at: provider.onboardedAt, actor };
  const { name } = provider;
  return ofProvider('provider_onboarded', provider, doing, {
    case: 'providerOnboarded',
    value: create(ProviderOnboardedSchema, { name }),
  });
}

export function providerFrozen(provider: Provider, doing: Doing): OutboxEvent {
  return ofProvider('provider_frozen', provider, doing, {
    case: 'providerFrozen',
    value: create(ProviderFrozenSchema, { reason: provider.freezeReason ?? '' }),
  });
}

export function providerUnfrozen(provider: Provider, doing: Doing): OutboxEvent {
  return ofProvider('provider_unfrozen', provider, doing, {
    case: 'providerUnfrozen',
    value: create(ProviderUnfrozenSchema),
  });
}

export function customerOnboarded(customer: Customer, actor: string): OutboxEvent {
  const { name, isOwnEstate, plan } = customer;
  const doing = { at: customer.onboardedAt, actor };
  return ofCustomer('customer_onboarded', customer, doing, {
    case: 'customerOnboarded',
    value: create(CustomerOnboardedSchema, { name, isOwnEstate, plan: plans[plan] }),
  });
}

export function customerChanged(customer: Customer, doing: Doing): OutboxEvent {
  const { name, plan } = customer;
  return ofCustomer('customer_changed', customer, doing, {
    case: 'customerChanged',
    value: create(CustomerChangedSchema, { name, plan: plans[plan] }),
  });
}

/** @param customer at its new provider */
export function customerMoved(
  customer: Customer,
  fromProviderId: string,
  doing: Doing,
): OutboxEvent {
  return ofCustomer('customer_moved', customer, doing, {
    case: 'customerMoved',
    value: create(CustomerMovedSchema, { fromProviderId }),
  });
}

export function customerOffboarded(customer: Customer, reason: string, doing: Doing): OutboxEvent {
  return ofCustomer('customer_offboarded', customer, doing, {
    case: 'customerOffboarded',
    value: create(CustomerOffboardedSchema, { reason }),
  });
}

/** Its aggregate is the export. */
/** Asks one service; its aggregate is the export, and each service asked is a version of it. */
export function customerExportRequested(
  customer: Customer,
  { exportId, service }: { readonly exportId: string; readonly service: LeavingService },
  doing: Doing,
): OutboxEvent {
  const version = leavingServices.indexOf(service) + 1;
  const isLast = customer.status !== 'ACTIVE';
  const aggregate = { id: exportId, version, ...doing };
  return toOutboxEvent('customer_export_requested', tenantOf(customer), aggregate, {
    case: 'customerExportRequested',
    value: create(CustomerExportRequestedSchema, { exportId, service, isLast }),
  });
}

export function customerPurgeRequested(
  customer: Customer,
  purgeId: string,
  doing: Doing,
): OutboxEvent {
  return ofCustomer('customer_purge_requested', customer, doing, {
    case: 'customerPurgeRequested',
    value: create(CustomerPurgeRequestedSchema, { purgeId }),
  });
}

/** Asks tenancy itself for the rest. */
export function customerPurgeAnswered(
  customer: Customer,
  purgeId: string,
  doing: Doing,
): OutboxEvent {
  return ofCustomer('customer_purge_answered', customer, doing, {
    case: 'customerPurgeAnswered',
    value: create(CustomerPurgeAnsweredSchema, { purgeId }),
  });
}

export function customerPurgeCompleted(
  customer: Customer,
  purgeId: string,
  doing: Doing,
): OutboxEvent {
  return ofCustomer('customer_purge_completed', customer, doing, {
    case: 'customerPurgeCompleted',
    value: create(CustomerPurgeCompletedSchema, { purgeId }),
  });
}

/** Tenancy's own receipt of an export; its aggregate is the export. */
export function customerExported(
  tenant: Tenant,
  exportId: string,
  {
    sha256,
    bytes,
    rows,
  }: { readonly sha256: string; readonly bytes: number; readonly rows: number },
  doing: Doing,
): OutboxEvent {
  const size = { bytes: BigInt(bytes), rows: BigInt(rows) };
  const aggregate = { id: exportId, version: 1, ...doing };
  return toOutboxEvent('customer_exported', tenantOf(tenant), aggregate, {
    case: 'customerExported',
    value: create(CustomerExportedSchema, { exportId, service: 'tenancy', sha256, ...size }),
  });
}

/** Tenancy's own receipt of a purge, whose messages go last and are not counted. */
export function customerPurged(
  tenant: Tenant,
  purgeId: string,
  rows: number,
  doing: Doing,
): OutboxEvent {
  const aggregate = { id: purgeId, version: 1, ...doing };
  return toOutboxEvent('customer_purged', tenantOf(tenant), aggregate, {
    case: 'customerPurged',
    value: create(CustomerPurgedSchema, { purgeId, service: 'tenancy', rows: BigInt(rows) }),
  });
}

interface Tenant {
  readonly providerId: string;
  readonly customerId: string;
}

function tenantOf({ providerId, customerId }: Tenant): Tenant {
  return { providerId, customerId };
}

function ofProvider(
  name: string,
  { providerId, version }: Provider,
  doing: Doing,
  event: TenancyEvent['event'],
): OutboxEvent {
  const tenant = { providerId, customerId: '' };
  return toOutboxEvent(name, tenant, { id: providerId, version, ...doing }, event);
}

function ofCustomer(
  name: string,
  customer: Customer,
  doing: Doing,
  event: TenancyEvent['event'],
): OutboxEvent {
  const { customerId, version } = customer;
  return toOutboxEvent(name, tenantOf(customer), { id: customerId, version, ...doing }, event);
}

/** @param name of the event in its subject, such as `customer_moved` */
export function toOutboxEvent(
  name: string,
  tenant: { readonly providerId: string; readonly customerId: string },
  aggregate: {
    readonly id: string;
    readonly version: number;
    readonly at: Date;
    readonly actor: string;
  },
  event: TenancyEvent['event'],
): OutboxEvent {
  const eventId = newId();
  const message = create(TenancyEventSchema, {
    meta: {
      eventId,
      ...tenant,
      aggregateId: aggregate.id,
      aggregateVersion: BigInt(aggregate.version),
      occurredAt: timestampFromDate(aggregate.at),
      actor: aggregate.actor,
    },
    event,
  });
  return {
    eventId,
    subject: domainSubject('tenancy', name, tenant),
    aggregateId: aggregate.id,
    aggregateVersion: aggregate.version,
    payload: toBinary(TenancyEventSchema, message),
  };
}
