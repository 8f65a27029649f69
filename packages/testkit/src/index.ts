export { findCatalogueProblems, type CatalogueOptions } from './catalogue.ts';
export { describeCustomerLeaving, type CustomerLeavingSuite } from './customer-leaving-suite.ts';
export { describeIdentity } from './identity-suite.ts';
export {
  describeIsolation,
  findLeaks,
  type IsolationOperation,
  type IsolationSuite,
  type Outsider,
  type TenantMarks,
} from './isolation-suite.ts';
export {
  describePermissions,
  type PermissionSuite,
  type PermittedMutation,
} from './permission-suite.ts';
export { readReadmeSettings } from './readme-settings.ts';
export {
  describeRedelivery,
  type RedeliveredEvent,
  type RedeliverySuite,
  type RedeliveryTrial,
} from './redelivery-suite.ts';
export {
  describeRowSecurity,
  type ProtectedTable,
  type RowOwner,
  type RowSecurityOptions,
} from './row-security-suite.ts';
export { idCoordinates } from './schema-coordinates.ts';
export {
  createSubgraphClient,
  startTestService,
  type AskSubgraph,
  type SubgraphAnswer,
  type SubgraphClient,
  type SubgraphError,
  type TestService,
  type TestServiceOptions,
} from './subgraph-client.ts';
export {
  createTestDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from './test-database.ts';
export { createTestIdentity, type TestIdentity } from './test-identity.ts';
export { startTestNats, type TestNats } from './test-nats.ts';
export { waitFor, waitForMessage, type WaitOptions } from './wait-for.ts';
