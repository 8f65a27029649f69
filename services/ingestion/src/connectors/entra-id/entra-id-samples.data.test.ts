import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { describe, expect, it } from '@jest/globals';

import { differences, samplesOf, testData, timeOf } from '../testing/sample-facts.ts';
import type { Json, Sample } from '../testing/sample-facts.ts';
import { parseEntraRecord } from './parse-entra-record.ts';

const receivedAt = Date.UTC(2026, 5, 1);

function differencesOf(sample: Sample): readonly string[] {
  const event = parseEntraRecord(sample.record, receivedAt);
  const found = differences(sample, event, {
    'event.action': ({ fields }) => [fields.operationName, fields.activityDisplayName],
    'event.dataset': ({ fields }) => fields.category,
    'event.outcome': 'same',
    'event.provider': 'same',
    'event.reason': ({ fields }) => [fields.resultReason, fields.ResultDescription],
    'error.code': 'same',
    'error.message': ({ fields }) => [
      fields['status.failureReason'],
      fields['status.additionalDetails'],
    ],
    'host.name': () => event.hostname,
    'host.os.type': ({ fields }) => fields['deviceDetail.operatingSystem'],
    'http.request.method': 'same',
    'http.response.status_code': 'same',
    'url.original': 'same',
    'service.name': ({ fields }) => [
      ...[fields.loggedByService, fields.appDisplayName, fields.resourceDisplayName],
    ],
    'source.ip': 'same',
    'source.geo.city_name': 'same',
    'source.geo.region_name': 'same',
    'trace.id': 'same',
    'user.id': ({ fields }) => [
      ...[
        fields.userId,
        fields['initiatedBy.user.id'],
        fields['initiatedBy.app.servicePrincipalId'],
      ],
    ],
    'user.name': () => event.userName,
    'user.email': () => event.userName,
    'user.full_name': 'same',
    'user.target.id': ({ fields }) => fields.targetUserId,
    'user.target.name': ({ fields }) => fields.Target,
    'user.target.group.name': ({ fields }) => fields['modifiedProperties.Group.DisplayName'],
    'user.target.group.id': ({ fields }) => fields['modifiedProperties.Group.ObjectID'],
    'user.changes.group.name': ({ fields }) => fields['modifiedProperties.Group.DisplayName'],
    'user.changes.group.id': ({ fields }) => fields['modifiedProperties.Group.ObjectID'],
  });
  return [...found, ...(timeOf(event, sample.expected['@timestamp']) ? [] : ['@timestamp'])];
}

/** Facts of theirs that we do not share, by reason. */
const reasons: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'the directory as such, which the record does not name; it names the service within it': {
    'add_member_to_group.json': ['service.name'],
    'add_member_to_group_2.json': ['service.name'],
    'add_user.json': ['service.name'],
    'change_user_password.json': ['service.name'],
    'graph_activity.json': ['service.name'],
    'graph_activity_1.json': ['service.name'],
    'graph_activity_2.json': ['service.name'],
    'remove_domain.json': ['service.name'],
    'remove_member_from_group.json': ['service.name'],
    'update_ststoken.json': ['service.name'],
  },
  'when it was delivered; ours is when the sign-in happened': {
    'sign-in_activity7.json': ['@timestamp'],
  },
  'the display name; ours is the principal name, which is unique': {
    'test_directory_audit.json': ['user.name'],
  },
  'whom it was done to; an application did it': {
    'test_event_0005.json': ['user.email'],
    'test_event_0061.json': ['user.email'],
  },
};

function explainedFor(name: string): readonly string[] {
  return Object.values(reasons).flatMap((samples) => samples[name] ?? []);
}

describe.each(['entra-id', 'entra-graph'])('samples of %s', (folder) => {
  it.each(samplesOf(folder).map((sample): [string, Sample] => [sample.name, sample]))(
    '%s: has the facts that another project reads in it',
    (name, sample) => {
      expect([...differencesOf(sample)].sort()).toEqual([...explainedFor(name)].sort());
    },
  );
});

describe('an application that was given a secret and rights to mail', () => {
  const file = join(testData, 'telemetry/otrf.GoldenSAMLADFSMailAccess.AADAuditEvents.ndjson.gz');
  const records = gunzipSync(readFileSync(file)).toString('utf8').split('\n').filter(Boolean);
  const events = records.map((line) => parseEntraRecord(JSON.parse(line) as Json, receivedAt));

  it('is told by Log Analytics with who did it, to which application, and when', () => {
    expect(events.length).toBeGreaterThan(0);
    for (const event of events) {
      expect(event).toMatchObject({ source: 'entra-id', userName: 'pgustavo@simulandlabs.com' });
      expect(Math.floor(event.classUid / 1000)).toBe(3);
      expect(event.occurredAt).toBe(Date.parse(String(event.fields.ActivityDateTime)));
      expect(event.fields.status_id).toBe(1);
      expect(event.sourceRef).toMatch(/^Directory_/);
    }
  });

  it('has the secret as a change that is worth a look', () => {
    const secrets = events.filter(({ fields }) => String(fields.OperationName).includes('secrets'));
    expect(secrets.length).toBeGreaterThan(0);
    for (const { classUid, severityId, fields } of secrets) {
      expect([classUid, severityId, fields.Target]).toEqual([3004, 3, 'SimuLandApp']);
    }
  });
});
