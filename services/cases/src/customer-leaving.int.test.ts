import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll } from '@jest/globals';
import { CaseEventSchema } from '@vedette/proto-schemas/cases/v1/case_event';
import { describeCustomerLeaving } from '@vedette/testkit';
import type { TestService } from '@vedette/testkit';
import { casesData } from './customer-data.ts';
import { protectedTables } from './testing/protected-tables.ts';
import {
  anotherDetection,
  customerMoved,
  customerOnboarded,
  detectionRaised,
  exportRequested,
  exportsDir,
  purgeRequested,
  startTestCases,
} from './testing/test-cases.ts';

let cases: TestService;

beforeAll(async () => {
  cases = await startTestCases();
});

afterAll(() => cases.stop());

describeCustomerLeaving({
  data: casesData,
  service: () => cases,
  exportsDir: () => exportsDir,
  rows: protectedTables,
  news: (owner) => [
    customerOnboarded(owner),
    customerMoved(owner, 2n),
    detectionRaised(anotherDetection(owner)),
  ],
  exportRequested,
  purgeRequested,
  decode: (payload) => fromBinary(CaseEventSchema, payload),
});
