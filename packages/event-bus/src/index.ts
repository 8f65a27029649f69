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
export { purgeMessagingTables } from './housekeeping.ts';
export { isAhead } from './durable.ts';
export { claimInInbox } from './inbox.ts';
export { MalformedMessageError } from './message-failure.ts';
export { CreateMessagingTables } from './migrations.ts';
export { addToOutbox } from './outbox.ts';
export type { OutboxEvent } from './outbox.ts';
export { publishBatch, startRelay } from './relay.ts';
export {
  detectorDurable,
  domainSubject,
  ensureStream,
  historyDurable,
  missingDurables,
  streams,
  telemetryShard,
  telemetryShardCount,
  telemetrySubject,
} from './streams.ts';
export type { StreamName } from './streams.ts';
