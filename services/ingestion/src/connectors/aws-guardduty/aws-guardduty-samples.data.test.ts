import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { toEcs, toOcsf } from '@vedette/event-model';
import type { NormalisedEvent } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { parseGuardDutyFinding } from './parse-guardduty-finding.ts';

const samples = resolve(
  import.meta.dirname,
  '../../../../..',
  process.env.VEDETTE_TEST_DATA ?? '../shared/data',
  'connectors/aws-guardduty',
);
const receivedAt = Date.UTC(2026, 0, 1);

type Json = Readonly<Record<string, unknown>>;

function at(node: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((parent, key) => (parent as Json | undefined)?.[key], node);
}

function field(name: string): (event: NormalisedEvent) => unknown {
  return ({ fields }) => fields[name];
}

/** Facts of theirs in ECS, by the place where ours stand: a path in our ECS, or a function. */
const ecsFacts: Readonly<Record<string, string | ((event: NormalisedEvent) => unknown)>> = {
  'event.kind': 'event.kind',
  'event.severity': field('severity'),
  'cloud.account.id': 'cloud.account.id',
  'cloud.region': 'cloud.region',
  'cloud.instance.id': 'cloud.instance.id',
  'cloud.machine.type': 'cloud.machine.type',
  'error.code': 'error.code',
  'source.ip': 'source.ip',
  'source.port': 'source.port',
  'destination.ip': 'destination.ip',
  'destination.port': 'destination.port',
  'user.name': ({ userName }) => userName,
  'threat.indicator.description': 'message',
  'aws.guardduty.finding.id': 'event.id',
  'aws.guardduty.finding.type': 'rule.name',
  'aws.guardduty.finding.service.action.type': field('service.action.actionType'),
  'aws.guardduty.finding.principal.id': field('resource.accessKeyDetails.principalId'),
  'aws.guardduty.finding.accesskey.accessKeyId': field('resource.accessKeyDetails.accessKeyId'),
  'aws.guardduty.finding.eks.details.arn': field('resource.eksClusterDetails.arn'),
  'aws.guardduty.finding.ecs.arn': field('resource.ecsClusterDetails.arn'),
  'aws.guardduty.finding.s3bucket.arn': field('resource.s3BucketDetails.arn'),
  'network.direction': ({ fields }) =>
    String(fields['service.action.networkConnectionAction.connectionDirection']).toLowerCase(),
};

function ecsDifferences(name: string): readonly string[] {
  const file = readFileSync(join(samples, 'ecs-fixtures', name), 'utf8');
  const sample = JSON.parse(file) as { input: Json; expected: Json };
  const event = parseGuardDutyFinding(JSON.parse(String(sample.input.message)) as Json, receivedAt);
  const ours = toEcs(event);
  const { expected } = sample;
  const found = Object.entries(ecsFacts).flatMap(([path, place]) => {
    const fact = at(expected, path);
    const own = typeof place === 'string' ? at(ours, place) : place(event);
    const first: unknown = Array.isArray(own) ? own[0] : own;
    return fact === undefined || fact === first ? [] : [path];
  });
  if (Date.parse(String(expected['@timestamp'])) !== event.occurredAt) found.push('@timestamp');
  return found;
}

/** Facts of theirs that we do not share, by reason. */
const reasons: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'the connection went out: the instance is its source, the other side its destination': {
    'event_instance_network.json': [
      'destination.ip',
      'destination.port',
      'source.ip',
      'source.port',
    ],
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

  it('has the hashes of the malware that a scan found', () => {
    const file = readFileSync(join(samples, 'ecs-fixtures', 'event_ecscluster.json'), 'utf8');
    const { input } = JSON.parse(file) as { input: Json };
    const { fields } = parseGuardDutyFinding(JSON.parse(String(input.message)) as Json, receivedAt);
    const name =
      'service.ebsVolumeScanDetails.scanDetections.threatDetectedByName.threatNames.filePaths.hash';
    expect(fields[name]).toHaveLength(2);
  });
});

describe('pairs of a finding and its OCSF event', () => {
  const folder = join(samples, 'ocsf-pairs');
  const names = readdirSync(folder).filter((name) => name.endsWith('.raw'));
  const facts = [
    ...['class_uid', 'activity_id', 'severity_id', 'time', 'type_uid', 'finding_info.uid'],
    ...['finding_info.title', 'finding_info.desc', 'cloud.account.uid', 'cloud.region'],
    ...['resources.0.uid', 'resources.0.type', 'evidences.0.src_endpoint.ip'],
    ...['evidences.0.api.operation', 'evidences.0.api.service.name'],
    ...['finding_info.first_seen_time', 'finding_info.last_seen_time'],
    ...['finding_info.created_time', 'finding_info.modified_time', 'finding_info.types.0'],
  ];

  it.each(names)('%s: is of that class and activity, with those facts', (name) => {
    const raw = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Json;
    const theirs = JSON.parse(
      readFileSync(join(folder, name.replace('.raw', '.ocsf')), 'utf8'),
    ) as Json;
    const ours = toOcsf(parseGuardDutyFinding(raw, receivedAt));
    const told = facts.filter((path) => at(theirs, path) !== undefined);
    expect(told.filter((path) => at(ours, path) !== at(theirs, path))).toEqual([]);
    expect(told.length).toBeGreaterThan(10);
  });
});
