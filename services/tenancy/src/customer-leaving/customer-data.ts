import type { CustomerTable } from '@vedette/service-kit';

/** What tenancy holds of a customer: exported, and deleted by its purge in this order. */
export const customerTables: readonly CustomerTable[] = [
  { name: 'grants', key: ['customer_id', 'principal_id'] },
  { name: 'rungs', key: ['customer_id', 'position'] },
  { name: 'contact_ladders', key: ['customer_id'] },
  { name: 'contacts', key: ['customer_id', 'contact_id'] },
  { name: 'service_contacts', key: ['customer_id'] },
  { name: 'response_policies', key: ['customer_id', 'policy_id'] },
  { name: 'mandates', key: ['customer_id', 'mandate_id'] },
  { name: 'api_key_secrets', key: ['customer_id', 'public_id'], secret: ['sha256'] },
  { name: 'api_keys', key: ['customer_id', 'api_key_id'] },
  { name: 'users', key: ['customer_id', 'user_id'] },
  { name: 'issuers', key: ['customer_id', 'issuer_id'] },
  { name: 'customer_connectors', key: ['customer_id', 'connector_id'] },
  // Last: what the ledger of deeds tells of the customer is unreadable without it, for good.
  { name: 'customer_keys', key: ['customer_id'], secret: ['sealed_key'] },
];

/** What is exported, too, and stays: ids, times, hashes and counts, and what is sealed for good. */
export const keptTables: readonly CustomerTable[] = [
  { name: 'customers', key: ['customer_id'] },
  { name: 'customer_exports', key: ['customer_id', 'export_id'] },
  { name: 'customer_purges', key: ['customer_id', 'purge_id'] },
  { name: 'customer_receipts', key: ['customer_id', 'request_id', 'service'] },
  { name: 'deeds', key: ['customer_id', 'deed_id'], secret: ['sealed_change'] },
];
