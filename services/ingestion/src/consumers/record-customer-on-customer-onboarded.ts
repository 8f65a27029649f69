import { keepCustomer } from '@vedette/service-kit';
import { fromBinary } from '@bufbuild/protobuf';
import { defineConsumer } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { keepPlan } from '../customer/customer-store.ts';
import { toPlan } from '../customer/told-plan.ts';

/** Keeps ingestion's own copy of customers: whose telemetry may arrive, and who looks after them. */
export const recordCustomerOnCustomerOnboarded = defineConsumer({
  name: 'ingestion-record-customer-on-customer-onboarded',
  stream: 'TENANCY',
  subject: 'vedette.tenancy.customer_onboarded.>',
  // The copy knows its version, so that older news after newer changes nothing.
  order: 'NONE',
  decode: (bytes) => fromBinary(TenancyEventSchema, bytes),
  handle: async ({ meta, event }, { tx }) => {
    if (event.case !== 'customerOnboarded' || !meta) return 'IGNORED';
    const { customerId, providerId, aggregateVersion } = meta;
    await keepCustomer(tx, { customerId, providerId, version: aggregateVersion });
    const plan = toPlan(event.value.plan);
    if (plan) await keepPlan(tx, { customerId, plan, version: aggregateVersion });
    return 'HANDLED';
  },
});
