import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { describe, expect, it } from '@jest/globals';

import { differences, samplesOf, testData, timeOf } from '../testing/sample-facts.ts';
import type { Json, Sample } from '../testing/sample-facts.ts';
import { parseM365Record } from './parse-m365-record.ts';

const receivedAt = Date.UTC(2026, 5, 1);

function differencesOf(sample: Sample): readonly string[] {
  const event = parseM365Record(sample.record, receivedAt);
  const found = differences(sample, event, {
    // They leave out the full stop of the directory's operations.
    'event.action': ({ fields }) => String(fields.Operation).replace(/\.$/, ''),
    'event.code': 'same',
    'event.outcome': 'same',
    'file.name': 'same',
    'file.directory': 'same',
    'file.extension': 'same',
    'file.size': 'same',
    'file.hash.sha256': 'same',
    'host.name': () => event.hostname,
    'host.os.full': 'same',
    'organization.id': 'same',
    'process.name': ({ fields }) => fields.ClientProcessName,
    'rule.id': 'same',
    'service.name': ({ fields }) => fields.Workload,
    'source.ip': 'same',
    'source.port': 'same',
    'email.subject': 'same',
    'email.message_id': ({ fields }) =>
      [fields['Item.InternetMessageId'], fields.InternetMessageId, fields['Data.imsgid']].map(
        (id) => String(id).replaceAll(/[<>]/g, ''),
      ),
    'email.from.address': 'same',
    'email.to.address': 'same',
    'email.local_id': 'same',
    'log.level': ({ fields }) => fields.Severity ?? fields['Data.Severity'],
    'url.original': ({ fields }) => [
      ...[
        fields.ObjectId,
        fields['FileData.FilePath'],
        fields.EventDeepLink,
        fields['Data.Entities.Urls'],
      ].flat(),
      // They write two slashes before an address without a scheme.
      `//${String(fields['Data.zu'])}`,
    ],
    'user.id': ({ fields }) => [fields.UserKey, fields.LogonUserSid],
    'user.name': ({ userName }) => [userName, userName?.replace(/@.*$/, '')],
    'user.email': ({ userName }) => userName,
    'user.target.name': ({ fields }) => fields.TargetUserOrGroupName,
  });
  return [...found, ...(timeOf(event, sample.expected['@timestamp']) ? [] : ['@timestamp'])];
}

/** Facts of theirs that we do not share, by reason. */
const reasons: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'a finding has no outcome unless it is told one': {
    'automated_investigation_and_response.json': ['event.outcome'],
    'automated_investigation_and_response_with_additional_fields.json': ['event.outcome'],
    'automated_investigation_and_response_with_attachment.json': ['event.outcome'],
    'microsoft_defender_threatintelligence_atp.json': ['event.outcome'],
    'microsoft_defender_threatintelligence_mail.json': ['event.outcome'],
    'threat_intel.json': ['event.outcome'],
  },
  'what was done with a mail is its disposition; the operation is TIMailData': {
    'microsoft_defender_threatintelligence_mail.json': ['event.action'],
  },
  'what a data loss rule matched on a device is a file, which has no subject': {
    'extra_fields_1.json': ['email.subject'],
    'extra_fields_2.json': ['email.subject'],
    'extra_fields_3.json': ['email.subject'],
  },
};

function explainedFor(name: string): readonly string[] {
  return Object.values(reasons).flatMap((samples) => samples[name] ?? []);
}

describe('samples of m365-audit', () => {
  it.each(samplesOf('m365-audit').map((sample): [string, Sample] => [sample.name, sample]))(
    '%s: has the facts that another project reads in it',
    (name, sample) => {
      expect([...differencesOf(sample)].sort()).toEqual([...explainedFor(name)].sort());
    },
  );
});

function capture(kind: string): readonly Json[] {
  const file = join(testData, `telemetry/otrf.GoldenSAMLADFSMailAccess.${kind}.ndjson.gz`);
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n').filter(Boolean);
  expect(lines.length).toBeGreaterThan(0);
  return lines.map((line) => JSON.parse(line) as Json);
}

describe('mail read with a forged token', () => {
  it('is told by Log Analytics with mailbox, address and time', () => {
    for (const record of capture('OfficeActivityEvents')) {
      const event = parseM365Record(record, receivedAt);
      expect(event).toMatchObject({
        classUid: 6005,
        activityId: 1,
        userName: 'pgustavo@simulandlabs.com',
        sourceRef: record.OfficeId,
        occurredAt: Date.parse(String(record.TimeGenerated)),
      });
      expect(event.fields.ClientIP).toBe('1.2.3.4');
      expect(event.fields['Folders.Path']).toBe('\\Inbox');
    }
  });

  it('is told by Defender with the record inside its own, under the same id', () => {
    const records = capture('Microsoft365DefenderEvents');
    const events = records.map((record) => parseM365Record(record, receivedAt));
    const mail = events.filter(({ fields }) => fields.Operation === 'MailItemsAccessed');
    const [told] = capture('OfficeActivityEvents');
    expect(mail.map(({ sourceRef }) => sourceRef)).toContain(told?.OfficeId);
    expect(mail.every(({ classUid }) => classUid === 6005)).toBe(true);
    const grants = events.filter(({ fields }) =>
      String(fields.Operation).includes('permission grant'),
    );
    expect(grants.length).toBeGreaterThan(0);
    expect(grants.every(({ classUid, activityId }) => classUid === 3005 && activityId === 1)).toBe(
      true,
    );
    // Defender's tables of devices are no audit records.
    const ofDevices = events.filter(({ fields }) => fields.InitiatingProcessId !== undefined);
    expect(
      ofDevices.every(({ classUid, hostname }) => classUid === 0 && hostname !== undefined),
    ).toBe(true);
    expect(events.every(({ occurredAt }) => occurredAt < Date.UTC(2021, 8, 1))).toBe(true);
  });
});
