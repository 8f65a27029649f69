import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { domainSubject } from '@vedette/event-bus';
import type { OutboxEvent } from '@vedette/event-bus';
import { Plan, TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { TenancyEvent } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { newId } from '@vedette/service-kit';
import type { CustomerRow } from './customer/customer-store.ts';
import type { ProviderRow } from './provider/provider-store.ts';

const plans = { STANDARD: Plan.STANDARD, ADVANCED: Plan.ADVANCED } as const;

export function providerOnboarded(provider: ProviderRow, actor: string): OutboxEvent {
  return toOutboxEvent(
    'provider_onboarded',
    { providerId: provider.providerId, customerId: '' },
    { id: provider.providerId, version: provider.version, at: provider.onboardedAt, actor },
    {
      case: 'providerOnboarded',
      value: { $typeName: 'vedette.tenancy.v1.ProviderOnboarded', name: provider.name },
    },
  );
}

export function customerOnboarded(customer: CustomerRow, actor: string): OutboxEvent {
  return toOutboxEvent(
    'customer_onboarded',
    { providerId: customer.providerId, customerId: customer.customerId },
    { id: customer.customerId, version: customer.version, at: customer.onboardedAt, actor },
    {
      case: 'customerOnboarded',
      value: {
        $typeName: 'vedette.tenancy.v1.CustomerOnboarded',
        name: customer.name,
        isOwnEstate: customer.isOwnEstate,
        plan: plans[customer.plan],
      },
    },
  );
}

function toOutboxEvent(
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
