import { fromBinary } from '@bufbuild/protobuf';
import { defineConsumer } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { keepCustomer, NotFoundError } from '@vedette/service-kit';
import { holdCustomer, keepPlan } from '../customer/customer-store.ts';
import { toPlan } from '../customer/told-plan.ts';

/**
 * Keeps what each customer has booked. It reads the whole stream, and its customers' onboarding once more, since
 * those that were onboarded before ingestion asked for plans are told of nowhere else.
 */
export const recordPlanOnCustomerChanged = defineConsumer({
  name: 'ingestion-record-plan-on-customer-changed',
  stream: 'TENANCY',
  subject: 'vedette.tenancy.>',
  // The plan knows its version, so that older news after newer changes nothing.
  order: 'NONE',
  decode: (bytes) => fromBinary(TenancyEventSchema, bytes),
  handle: async ({ meta, event }, { tx }) => {
    if (!meta || (event.case !== 'customerOnboarded' && event.case !== 'customerChanged')) {
      return 'IGNORED';
    }
    const plan = toPlan(event.value.plan);
    if (!plan) return 'IGNORED';
    const { customerId, providerId, aggregateVersion: version } = meta;
    if (event.case === 'customerOnboarded')
      await keepCustomer(tx, { customerId, providerId, version });
    // A change raises no version of the copy: a move that came after it would count as old, and end no keys.
    else if (!(await holdCustomer(tx, customerId, 'SHARE'))) {
      throw new NotFoundError('Customer', customerId);
    }
    await keepPlan(tx, { customerId, plan, version });
    return 'HANDLED';
  },
});
