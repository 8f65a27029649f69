import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll } from '@jest/globals';
import { HuntingEventSchema } from '@vedette/proto-schemas/hunting/v1/hunting_event';
import { describeCustomerLeaving } from '@vedette/testkit';
import type { TestService } from '@vedette/testkit';
import { huntingData } from './customer-data.ts';
import { protectedTables } from './testing/protected-tables.ts';
import {
  aBatch,
  aTelemetryEvent,
  customerMoved,
  customerOnboarded,
  exportRequested,
  exportsDir,
  logCleared,
  purgeRequested,
  startTestHunting,
  telemetryOf,
} from './testing/test-hunting.ts';

let hunting: TestService;

beforeAll(async () => {
  hunting = await startTestHunting();
});

afterAll(() => hunting.stop());

describeCustomerLeaving({
  data: huntingData,
  service: () => hunting,
  exportsDir: () => exportsDir,
  rows: protectedTables,
  news: (owner) => [
    customerOnboarded(owner),
    customerMoved(owner, 2n),
    telemetryOf(aBatch([aTelemetryEvent(logCleared)], owner.customerId)),
  ],
  exportRequested,
  purgeRequested,
  decode: (payload) => fromBinary(HuntingEventSchema, payload),
});
