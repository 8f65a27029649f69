import { fromBinary } from '@bufbuild/protobuf';
import type { StreamName } from '@vedette/event-bus';
import { CaseEventSchema } from '@vedette/proto-schemas/cases/v1/case_event';
import type { CaseEvent } from '@vedette/proto-schemas/cases/v1/case_event';
import { HuntingEventSchema } from '@vedette/proto-schemas/hunting/v1/hunting_event';
import type { HuntingEvent } from '@vedette/proto-schemas/hunting/v1/hunting_event';
import { IngestionEventSchema } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import type { IngestionEvent } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import type { LeavingService } from './customer-leaving/customer-leaving.ts';

/** An event of a service that may be the receipt of an export or a purge. */
export type AnsweringEvent = IngestionEvent | HuntingEvent | CaseEvent;

export interface AnsweringService {
  readonly service: LeavingService;
  /** Where it answers. */
  readonly stream: StreamName;
  readonly decode: (bytes: Uint8Array) => AnsweringEvent;
}

/** Every service besides tenancy that must answer when a customer leaves. */
export const answeringServices: readonly AnsweringService[] = [
  {
    service: 'ingestion',
    stream: 'INGESTION',
    decode: (bytes) => fromBinary(IngestionEventSchema, bytes),
  },
  {
    service: 'hunting',
    stream: 'HUNTING',
    decode: (bytes) => fromBinary(HuntingEventSchema, bytes),
  },
  { service: 'cases', stream: 'CASES', decode: (bytes) => fromBinary(CaseEventSchema, bytes) },
];
