import { readdirSync, readFileSync } from 'node:fs';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import type { DescMessage } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { CaseEventSchema } from '../gen/vedette/cases/v1/case_event_pb.js';
import { HuntingEventSchema } from '../gen/vedette/hunting/v1/hunting_event_pb.js';
import { IngestionEventSchema } from '../gen/vedette/ingestion/v1/ingestion_event_pb.js';
import { TelemetryBatchSchema } from '../gen/vedette/telemetry/v1/telemetry_batch_pb.js';
import { TenancyEventSchema } from '../gen/vedette/tenancy/v1/tenancy_event_pb.js';

const fixtures = new URL('../fixtures/', import.meta.url);

/** The messages that travel, one for each stream. */
const messages = [
  TenancyEventSchema,
  IngestionEventSchema,
  TelemetryBatchSchema,
  HuntingEventSchema,
  CaseEventSchema,
];

/** Fixture name to schema: `cases.v1.case_opened` for a variant, `telemetry.v1.telemetry_batch` without. */
function fixtureNames(schema: DescMessage): string[] {
  const prefix = schema.file.proto.package.replace(/^vedette\./, '');
  const variants = schema.oneofs.flatMap((oneof) => oneof.fields.map((field) => field.name));
  const whole = schema.file.name.split('/').at(-1) ?? '';
  return (variants.length > 0 ? variants : [whole]).map((name) => `${prefix}.${name}`);
}

const schemaByFixture = new Map(
  messages.flatMap((schema) => fixtureNames(schema).map((name) => [name, schema] as const)),
);

describe('the wire', () => {
  it('has bytes on record for every variant of every message, and for nothing else', () => {
    const present = readdirSync(fixtures).filter((file) => file.endsWith('.binpb'));
    expect(present.toSorted()).toEqual(
      [...schemaByFixture.keys()].map((name) => `${name}.binpb`).toSorted(),
    );
  });

  for (const [name, schema] of schemaByFixture) {
    it(`still means the same in bytes of ${name} that were written once`, () => {
      const bytes = readFileSync(new URL(`${name}.binpb`, fixtures));
      const meaning: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, fixtures), 'utf8'));
      expect(toJson(schema, fromBinary(schema, bytes))).toEqual(meaning);
    });
  }
});
