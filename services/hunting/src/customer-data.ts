import { domainSubjectsOf } from '@vedette/event-bus';
import type { CustomerData } from '@vedette/event-bus';

/** All that hunting holds of its customers: what is exported, and deleted in this order. */
export const huntingData: CustomerData = {
  service: 'hunting',
  tables: [
    { name: 'detections', key: ['customer_id', 'detection_id'] },
    { name: 'correlation_states', key: ['customer_id'] },
    { name: 'customers', key: ['customer_id'] },
  ],
  messages: [
    { stream: 'HUNTING', subjectsOf: (customerId) => domainSubjectsOf('hunting', customerId) },
  ],
};
