export { connectBus } from './bus.ts';
export type { Bus } from './bus.ts';
export { startConsumer } from './consumer.ts';
export { defineConsumer } from './consumer-definition.ts';
export type {
  ConsumerDefinition,
  ConsumerDependencies,
  Handling,
  MessageMeta,
} from './consumer-definition.ts';
export { replayForHeader } from './dead-letters.ts';
export { followStream } from './follow.ts';
export type { FollowOptions } from './follow.ts';
export { purgeMessagingTables } from './housekeeping.ts';
export { isAhead } from './durable.ts';
export { MalformedMessageError } from './message-failure.ts';
export { CreateMessagingTables, CreatePurgedCustomers } from './migrations.ts';
export { natsPermissions, natsUsers } from './nats-permissions.ts';
export type { NatsPermissions, NatsUser } from './nats-permissions.ts';
export { addToOutbox } from './outbox.ts';
export type { OutboxEvent } from './outbox.ts';
export { purgeCustomer } from './purge-customer.ts';
export type { CustomerData, PurgeSurroundings } from './purge-customer.ts';
export type { PurgeCounts } from './purged-customers.ts';
export { publishBatch, startRelay } from './relay.ts';
export {
  detectorDurable,
  domainSubject,
  domainSubjectsOf,
  ensureStream,
  historyDurable,
  missingDurables,
  streams,
  telemetryShard,
  telemetryShardCount,
  telemetrySubject,
} from './streams.ts';
export type { StreamName } from './streams.ts';
export { untilEmpty, untilHandled, untilPublished } from './until-settled.ts';
