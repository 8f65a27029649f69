export {
  createTestDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from './test-database.ts';
export { startTestNats, type TestNats } from './test-nats.ts';
export { waitFor, waitForMessage, type WaitOptions } from './wait-for.ts';
export { findCatalogueProblems, type CatalogueOptions } from './catalogue.ts';
