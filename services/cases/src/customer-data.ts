import { domainSubjectsOf } from '@vedette/event-bus';
import type { CustomerData } from '@vedette/event-bus';

/** All that cases holds of its customers: what is exported, and deleted in this order. */
export const casesData: CustomerData = {
  service: 'cases',
  tables: [
    { name: 'case_timeline', key: ['customer_id', 'case_id', 'version'] },
    { name: 'case_detections', key: ['customer_id', 'case_id', 'detection_id'] },
    { name: 'cases', key: ['customer_id', 'case_id'] },
    { name: 'customers', key: ['customer_id'] },
  ],
  messages: [
    { stream: 'CASES', subjectsOf: (customerId) => domainSubjectsOf('cases', customerId) },
  ],
};
