import { fieldNamesOf } from '@vedette/event-model';
import { onlyAssetOf } from './telemetry-filter.ts';
import type { FieldCondition, FieldOperator, TelemetryQuestion } from './telemetry-filter.ts';

/** Values of a statement in the order of their places. */
export interface Parameters {
  readonly values: unknown[];
  /** Adds a value and answers its place, such as `$3`. */
  add(value: unknown): string;
}

export function createParameters(): Parameters {
  const values: unknown[] = [];
  return { values, add: (value) => `$${values.push(value)}` };
}

/** Names whose value stands in a column of its own, whatever the record calls it. */
const columns: Readonly<Record<string, string>> = {
  'device.hostname': 'e.host_name',
  'host.name': 'e.host_name',
  'actor.user.name': 'e.user_name',
  'user.name': 'e.user_name',
  class_uid: 'e.class_uid::text',
  activity_id: 'e.activity_id::text',
  severity_id: 'e.severity_id::text',
};

/** The column that holds a field's value beside the record's own fields, where there is one. */
export function columnOf(field: string): string | undefined {
  return Object.hasOwn(columns, field) ? columns[field] : undefined;
}

/**
 * What a question asks of the events `e`, but for its text, as SQL conditions that all must hold. Everything that
 * comes from outside is a parameter; customer, time and asset are what indexes answer.
 */
export function toConditions(question: TelemetryQuestion, { add }: Parameters): string[] {
  const { customerId, from, to, assetIds = [], classUids, connectorId } = question;
  const assetId = onlyAssetOf(question);
  const { severityAtLeast, userName, fields = [] } = question;
  const conditions = [
    `e.customer_id = ${add(customerId)}`,
    `e.occurred_at >= ${add(from)}::timestamptz`,
    `e.occurred_at < ${add(to)}::timestamptz`,
  ];
  if (assetId !== undefined) conditions.push(`e.asset_id = ${add(assetId)}`);
  if (assetIds.length > 1) conditions.push(`e.asset_id = any (${add(assetIds)}::uuid[])`);
  if (classUids) conditions.push(`e.class_uid = any (${add(classUids)}::int[])`);
  if (connectorId !== undefined) conditions.push(`e.connector_id = ${add(connectorId)}`);
  // 99 is a severity of the source's own, which compares with nothing.
  if (severityAtLeast !== undefined) {
    conditions.push(`e.severity_id between ${add(severityAtLeast)} and 6`);
  }
  if (userName !== undefined) {
    const place = add(userName);
    conditions.push(
      `lower(${place}::text) in (lower(e.user_name), lower(split_part(e.user_name, '\\', -1)))`,
    );
  }
  return [...conditions, ...fields.map((field) => toFieldCondition(field, add))];
}

/** Any of the names that the field may have, with any of its values where it is a list. */
function toFieldCondition({ field, op, values }: FieldCondition, add: Parameters['add']): string {
  const test = tests[op](values.length > 0 ? add(values) : '');
  const [name = field, ...others] = fieldNamesOf(field);
  // Each look at the fields decompresses them: for several names all are gone through, once.
  const own =
    others.length === 0
      ? testValue(test, `e.fields -> ${add(name)}::text`)
      : `exists (select from jsonb_each(e.fields) as f (key, value)
                 where f.key = any (${add([name, ...others])}::text[]) and ${testValue(test, 'f.value')})`;
  const column = columnOf(field);
  return column === undefined ? own : `(coalesce(${test(column)}, false) or ${own})`;
}

/** A value that is JSON, or each of its values where it is a list. */
function testValue(test: (value: string) => string, value: string): string {
  return `coalesce(case jsonb_typeof(${value})
      when 'array' then exists (select from jsonb_array_elements_text(${value}) as item (value)
                                where ${test('item.value')})
      else ${test(`((${value}) #>> '{}')`)} end, false)`;
}

/** Lower-cased by PostgreSQL, like what it is compared with, and once a statement. */
const lowered = (place: string): string =>
  `array(select lower(given.value) from unnest(${place}::text[]) as given (value))`;

/** By operator: from the place of the wanted values to a test of an expression. */
const tests: Readonly<Record<FieldOperator, (place: string) => (value: string) => string>> = {
  EQ: (place) => (value) => `lower(${value}) = any (${lowered(place)})`,
  IN: (place) => (value) => `lower(${value}) = any (${lowered(place)})`,
  PREFIX: (place) => (value) =>
    `exists (select from unnest(${lowered(place)}) as wanted (value)
             where starts_with(lower(${value}), wanted.value))`,
  CONTAINS: (place) => (value) =>
    `exists (select from unnest(${lowered(place)}) as wanted (value)
             where strpos(lower(${value}), wanted.value) > 0)`,
  // Whatever is no address is in no network; IPv4 in IPv6's clothes is IPv4.
  CIDR: (place) => (value) => {
    const plain = `regexp_replace(${value}, '^::ffff:(\\d)', '\\1', 'i')`;
    return `case when length(${value}) < 64 and pg_input_is_valid(${plain}, 'inet')
                 then ${plain}::inet <<= any (${place}::inet[]) else false end`;
  },
  EXISTS: () => (value) => `${value} <> ''`,
};
