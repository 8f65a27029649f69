import { toEcs, toNative, toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { awsCloudtrail } from './aws-cloudtrail/aws-cloudtrail.ts';
import { aCloudTrailRecord } from './aws-cloudtrail/testing/cloudtrail-record-builders.ts';
import { awsGuardduty } from './aws-guardduty/aws-guardduty.ts';
import { cloudOptix } from './cloud-optix/cloud-optix.ts';
import type { ConnectorDefinition, JsonRecord } from './connector-definition.ts';
import { ecsJson } from './ecs-json/ecs-json.ts';
import { ocsfJson } from './ocsf-json/ocsf-json.ts';
import { okta } from './okta/okta.ts';

const receivedAt = Date.UTC(2026, 1, 1);

/** Each connector with a record that it knows. */
const connectors: readonly (readonly [string, ConnectorDefinition, JsonRecord])[] = [
  ['aws-cloudtrail', awsCloudtrail, aCloudTrailRecord()],
  [
    'aws-guardduty',
    awsGuardduty,
    { id: 'f', type: 'T:E/X', severity: 5, service: { detectorId: 'd', count: 1 }, resource: {} },
  ],
  ['cloud-optix', cloudOptix, { alertDescription: 'x', severity: 'HIGH', alertId: '1' }],
  [
    'okta',
    okta,
    { eventType: 'user.session.start', published: '2026-01-31T12:00:00Z', target: [] },
  ],
  [
    'ecs-json',
    ecsJson,
    { event: { category: ['process'], type: ['start'] }, winlog: { channel: 'Security' } },
  ],
  ['ocsf-json', ocsfJson, { class_uid: 1007, activity_id: 1, time: receivedAt, unmapped: {} }],
];

/** Keys that the parsers look at, keys that JavaScript objects have, and any other. */
const names = fc.oneof(
  fc.constantFrom(
    ...['Records', 'detail', 'detail-type', 'Message', 'TopicArn', 'Body', 'MessageId', 'Events'],
    ...['CloudTrailEvent', 'Sns', 'eventName', 'eventSource', 'userIdentity', 'arn', 'eventTime'],
    ...['requestParameters', 'responseElements', 'id', 'type', 'severity', 'service', 'action'],
    ...['count', 'Id', 'AwsAccountId', 'ProductFields', 'alertId', 'status', 'eventType', 'data'],
    ...['events', 'published', 'actor', 'target', 'displayName', '_source', '_id', 'hits', 'event'],
    ...['category', 'kind', 'process', 'hash', 'user', 'name', 'domain', 'winlog', 'vedette'],
    ...[
      'class_uid',
      'type_uid',
      'activity_id',
      'time',
      'metadata',
      'product',
      'log_name',
      'unmapped',
    ],
    ...['hashes', 'algorithm', 'value', 'event_code', 'malware', 'query', '@timestamp', 'message'],
    ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'],
  ),
  fc.string({ unit: 'binary' }),
);

const scalars = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    ...[
      'a\0b',
      '\ud800',
      '-',
      '',
      '{"Records":[{}]}',
      '[[[]]]',
      'Security',
      '2026-01-31T12:00:00Z',
    ],
    ...['AwsApiCall', 'CreateUser', 'iam.amazonaws.com', '__proto__', 'constructor', 'alert'],
  ),
  fc.double(),
  fc.constantFrom(1007, 2004, 3002, 4001, 6003, 201002, 1e308, -1),
  fc.boolean(),
  fc.constant(null),
);

const { record: records } = fc.letrec<{ value: unknown; record: Record<string, unknown> }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      scalars,
      fc.array(tie('value'), { maxLength: 4 }),
      tie('record'),
    ),
    record: fc.dictionary(names, tie('value'), { maxKeys: 6 }),
  }),
);

/** U+0000 or a lone surrogate, escaped once; escaped twice it is a text about JSON, which anybody may send. */
const uncarriable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** What every later step does with a record: all of it must be carried. */
function carry(connector: ConnectorDefinition, record: JsonRecord): number {
  let size = 0;
  for (const each of connector.unwrap?.(record) ?? [record]) {
    connector.refuse?.(each, { accountIds: ['111122223333'] });
    const event = connector.parse(each, receivedAt, { aliases: { alertId: ['__proto__', 'id'] } });
    const text = JSON.stringify([event, toNative(event), toOcsf(event), toEcs(event)]);
    expect(text.isWellFormed()).toBe(true);
    expect(text).not.toMatch(uncarriable);
    expect(Number.isSafeInteger(event.occurredAt)).toBe(true);
    expect(Number.isSafeInteger(event.classUid)).toBe(true);
    expect(Number.isSafeInteger(event.activityId)).toBe(true);
    expect(Object.getPrototypeOf(event.fields)).toBeNull();
    expect((event.sourceRef ?? '').length).toBeLessThan(1024);
    expect((event.hostname ?? '').length).toBeLessThan(257);
    expect((event.userName ?? '').length).toBeLessThan(514);
    size += text.length;
  }
  expect(Object.keys(Object.prototype)).toEqual([]);
  return size;
}

describe.each(connectors)('a hostile record for %s', (_type, connector, known) => {
  it('becomes an event that every later step can carry', () => {
    fc.assert(
      fc.property(records, fc.boolean(), (record, isMixed) => {
        // As it arrives: from JSON, where __proto__ is an own key.
        const parsed = JSON.parse(JSON.stringify(record)) as JsonRecord;
        carry(connector, isMixed ? { ...known, ...parsed } : parsed);
      }),
      { numRuns: 300 },
    );
  });

  it('may nest as deep as JSON allows', () => {
    for (const [open, close] of [
      ['{"a":', '}'],
      ['[', ']'],
      ['{"Records":[', ']}'],
    ] as const) {
      const deep: unknown = JSON.parse(`${open.repeat(3000)}1${close.repeat(3000)}`);
      for (const key of ['deep', 'requestParameters', 'target', 'process', 'unmapped', 'detail']) {
        const event = connector.parse({ ...known, [key]: deep }, receivedAt, {});
        expect(JSON.stringify(event).length).toBeLessThan(100_000);
      }
      connector.unwrap?.({ Records: deep, data: deep, hits: deep, alerts: deep });
    }
  });

  it('cannot make long keys, lists or names cost many times their size', () => {
    const children = Object.fromEntries(
      Array.from({ length: 900 }, (_, at) => [`k${String(at)}`, 1]),
    );
    const list = Array.from({ length: 50_000 }, (_, at) => ({ type: 'User', name: String(at) }));
    const hostile = [
      { ...known, ['x'.repeat(500_000)]: children },
      { ...known, target: list, resources: list, event: { category: list } },
      { ...known, process: { hash: list, file: { hashes: list } }, unmapped: list },
      {
        ...known,
        id: 'x'.repeat(100_000),
        uuid: 'x'.repeat(100_000),
        host: { name: 'x'.repeat(100_000) },
      },
    ];
    for (const record of hostile) expect(carry(connector, record)).toBeLessThan(4_000_000);
  });
});
