import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { toEcs, toOcsf } from '@vedette/event-model';
import type { NormalisedEvent } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { parseCloudTrailRecord } from './parse-cloudtrail-record.ts';

const data = resolve(
  import.meta.dirname,
  '../../../../..',
  process.env.VEDETTE_TEST_DATA ?? '../shared/data',
);
const samples = join(data, 'connectors', 'aws-cloudtrail');
const receivedAt = Date.UTC(2026, 0, 1);

type Json = Readonly<Record<string, unknown>>;

function at(node: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((parent, key) => (parent as Json | undefined)?.[key], node);
}

/** Facts of theirs in ECS, by the place where ours stand: a path in our ECS, or a function. */
const ecsFacts: Readonly<Record<string, string | ((event: NormalisedEvent) => unknown)>> = {
  'event.action': 'event.action',
  'event.provider': 'event.provider',
  'event.outcome': 'event.outcome',
  'event.code': 'error.code',
  'event.reason': 'error.message',
  'cloud.account.id': 'cloud.account.id',
  'cloud.region': 'cloud.region',
  'cloud.instance.id': 'cloud.instance.id',
  'source.ip': 'source.ip',
  'source.address': ({ fields }) => fields.sourceIPAddress,
  'user_agent.original': 'user_agent.original',
  'tls.version': 'tls.version',
  'tls.cipher': 'tls.cipher',
  'user.name': 'user.name',
  // They call the account's id the user's.
  'user.id': ({ fields }) => fields['userIdentity.accountId'],
  'action.type': ({ fields }) => fields.eventType,
  'action.properties.userIdentity.arn': ({ fields }) => fields['userIdentity.arn'],
  'action.properties.userIdentity.principalId': 'user.id',
  'action.properties.userIdentity.userName': 'user.name',
  'action.properties.userIdentity.sessionContext.attributes.mfaAuthenticated': ({ fields }) =>
    fields['userIdentity.sessionContext.attributes.mfaAuthenticated'],
  'aws.cloudtrail.flattened.request_parameters': ({ fields }) => fields.requestParameters,
  'aws.cloudtrail.flattened.response_elements': ({ fields }) => fields.responseElements,
  'aws.cloudtrail.user_identity.accessKeyId': 'aws.cloudtrail.user_identity.access_key_id',
};

/** Their texts of JSON have sorted keys. */
function plain(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('{')) return value;
  return JSON.stringify(sorted(JSON.parse(value)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => [key, sorted(child)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function ecsDifferences(name: string): readonly string[] {
  const file = readFileSync(join(samples, 'ecs-fixtures', name), 'utf8');
  const sample = JSON.parse(file) as { input: Json; expected: Json };
  const event = parseCloudTrailRecord(JSON.parse(String(sample.input.message)) as Json, receivedAt);
  const ours = toEcs(event);
  const { expected } = sample;
  const found = Object.entries(ecsFacts).flatMap(([path, place]) => {
    const fact = at(expected, path);
    const own = typeof place === 'string' ? at(ours, place) : place(event);
    return fact === undefined || plain(fact) === plain(own) ? [] : [path];
  });
  if (Date.parse(String(expected['@timestamp'])) !== event.occurredAt) found.push('@timestamp');
  const isSignIn = String(at(expected, 'event.category')) === 'authentication';
  if (isSignIn !== (event.classUid === 3002)) found.push('event.category');
  const arns = at(expected, 'action.properties.resources') as readonly Json[] | undefined;
  const ownArns = [event.fields['resources.ARN'] ?? []].flat();
  if (arns?.some(({ ARN }) => !ownArns.includes(String(ARN)))) found.push('resources');
  return found;
}

/** Facts of theirs that we do not share, by reason. */
const reasons: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'a call with an error code has failed, whatever else it says': {
    'event_ec2-error.json': ['event.outcome'],
  },
  'the id of the user that was created is not the name of who created it': {
    'event_iam.json': ['user.name'],
  },
  'the account is the one whose trail it is, not that of who acted': {
    'event_cluster_name.json': ['cloud.account.id'],
  },
};

function explainedFor(name: string): readonly string[] {
  return Object.values(reasons).flatMap((each) => each[name] ?? []);
}

describe('samples of another project', () => {
  const names = readdirSync(join(samples, 'ecs-fixtures'));

  it.each(names)('%s: has the facts that it reads in it', (name) => {
    expect([...ecsDifferences(name)].sort()).toEqual([...explainedFor(name)].sort());
  });
});

describe('pairs of a record and its OCSF event', () => {
  const folder = join(samples, 'ocsf-pairs');
  const names = readdirSync(folder).filter((name) => name.endsWith('.raw'));
  const facts = [
    ...['class_uid', 'activity_id', 'severity_id', 'time', 'type_uid', 'metadata.uid'],
    ...['api.operation', 'api.service.name', 'api.version', 'api.request.uid', 'cloud.region'],
    ...['cloud.account.uid', 'src_endpoint.ip', 'http_request.user_agent', 'actor.user.name'],
    ...['actor.user.uid', 'actor.user.uid_alt', 'actor.user.type', 'actor.user.credential_uid'],
    ...['actor.user.account.uid', 'actor.session.issuer', 'actor.session.is_mfa'],
    ...['actor.invoked_by', 'metadata.event_code', 'status'],
  ];

  it.each(names)('%s: is of that class and activity, with those facts', (name) => {
    const raw = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Json;
    // One of the files has a comma too many.
    const text = readFileSync(join(folder, name.replace('.raw', '.ocsf')), 'utf8');
    const theirs = JSON.parse(text.replaceAll(/,(?=\s*[}\]])/g, '')) as Json;
    const ours = toOcsf(parseCloudTrailRecord(raw, receivedAt));
    const told = facts.filter((path) => at(theirs, path) !== undefined);
    expect(told.filter((path) => at(ours, path) !== at(theirs, path))).toEqual([]);
    expect(told.length).toBeGreaterThan(15);
  });
});

describe('records of simulated attacks', () => {
  const file = join(data, 'telemetry', 'aws-cloudtrail.invictus-stratus.ndjson.gz');
  const records = gunzipSync(readFileSync(file))
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Json);
  const events = records.map((record) => parseCloudTrailRecord(record, receivedAt));

  it('all have a class, a reference of their own, their own time and outcome', () => {
    expect(new Set(events.map(({ sourceRef }) => sourceRef)).size).toBe(events.length);
    for (const [index, event] of events.entries()) {
      const record = records[index] ?? {};
      expect(event.classUid).toBeGreaterThan(0);
      expect(event.occurredAt).toBe(Date.parse(String(record.eventTime)));
      const hasFailed = record.errorCode !== undefined;
      expect(event.fields.outcome).toBe(hasFailed ? 'failure' : 'success');
    }
    expect(events.length).toBe(2251);
  });

  it('name who acted, unless a service did', () => {
    const nameless = events.filter(({ userName }) => userName === undefined);
    const types = new Set(nameless.map(({ fields }) => fields['userIdentity.type']));
    expect([...types]).toEqual(['AWSService']);
  });

  it('have an activity for nearly every operation, which agrees with what AWS calls read-only', () => {
    const calls = events.filter(({ classUid }) => classUid === 6003);
    const isRead = (event: NormalisedEvent): boolean => event.fields.readOnly === true;
    const wrong = calls.filter(
      (event) => event.activityId !== 99 && isRead(event) !== (event.activityId === 2),
    );
    const operations = new Set(wrong.map(({ fields }) => fields.eventName));
    expect([...operations].sort()).toEqual([]);
    const unnamed = new Set(
      calls.filter(({ activityId }) => activityId === 99).map(({ fields }) => fields.eventName),
    );
    expect([...unnamed].sort()).toEqual([
      'EndSecretVersionDelete',
      'LeaveOrganization',
      'SendCommand',
      'SharedSnapshotVolumeCreated',
    ]);
  });
});
