import { ensureStream, startConsumer } from '@vedette/event-bus';
import type { ConsumerDependencies } from '@vedette/event-bus';
import { answeringServices } from './answering-services.ts';
import { exportCustomerOnCustomerExportRequested } from './consumers/export-customer-on-customer-export-requested.ts';
import { forgetCustomerOnCustomerPurgeAnswered } from './consumers/forget-customer-on-customer-purge-answered.ts';
import { noteConnectorOnConnectorChanged } from './consumers/note-connector-on-connector-changed.ts';
import { purgeCustomerOnCustomerPurgeRequested } from './consumers/purge-customer-on-customer-purge-requested.ts';
import { recordDeedsOnConnectorChanged } from './consumers/record-deeds-on-connector-changed.ts';
import { recordExportOnCustomerExported } from './consumers/record-export-on-customer-exported.ts';
import { recordPurgeOnCustomerPurged } from './consumers/record-purge-on-customer-purged.ts';
import type { DeedBook } from './deed/deed-book.ts';

export interface ConsumerSettings {
  readonly exportsDir: string;
  readonly deeds: DeedBook;
}

/** Starts all consumers of tenancy: what other services tell of customers, and what it asks itself. */
export async function startConsumers(
  { exportsDir, deeds }: ConsumerSettings,
  dependencies: ConsumerDependencies,
): Promise<{ stop(): Promise<void> }> {
  for (const { stream } of answeringServices) await ensureStream(dependencies.bus.manager, stream);
  const running = await Promise.all([
    startConsumer(exportCustomerOnCustomerExportRequested(exportsDir), dependencies),
    startConsumer(purgeCustomerOnCustomerPurgeRequested(deeds), dependencies),
    startConsumer(forgetCustomerOnCustomerPurgeAnswered(exportsDir), dependencies),
    startConsumer(noteConnectorOnConnectorChanged, dependencies),
    startConsumer(recordDeedsOnConnectorChanged(deeds), dependencies),
    ...[...recordExportOnCustomerExported, ...recordPurgeOnCustomerPurged].map((definition) =>
      startConsumer(definition, dependencies),
    ),
  ]);
  return {
    stop: async () => {
      await Promise.all(running.map((consumer) => consumer.stop()));
    },
  };
}
