import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { differences, samplesOf, testData, timeOf } from '../testing/sample-facts.ts';
import type { Json, Sample } from '../testing/sample-facts.ts';
import { parseSophosRecord } from './parse-sophos-record.ts';

const receivedAt = Date.UTC(2026, 5, 1);

function differencesOf(sample: Sample): readonly string[] {
  const event = parseSophosRecord(sample.record, receivedAt);
  const user = event.userName?.split('\\') ?? [];
  const found = differences(sample, event, {
    'agent.id': 'same',
    'event.code': 'same',
    'event.reason': ({ fields }) => [fields.name, fields.description],
    'event.action': ({ fields }) => [
      fields['dlp.action'],
      fields.disposition_id === 15 ? 'detected' : null,
    ],
    'file.path': 'same',
    'file.name': 'same',
    'file.size': 'same',
    'file.hash.sha256': 'same',
    'file.hash.sha1': 'same',
    'host.name': () => event.hostname,
    'host.os.full': 'same',
    'host.os.version': 'same',
    'host.id': ({ fields }) => fields.host_identifier,
    'log.level': 'same',
    'observer.ip': ({ fields }) => fields['source_info.ip'],
    'process.title': ({ fields }) =>
      `${String(fields.application)} (${String(fields.application_category)})`,
    'process.name': ({ fields }) => fields.application,
    'process.command_line': 'same',
    'process.parent.name': 'same',
    'rule.name': 'same',
    'source.ip': 'same',
    'source.mac': ({ fields }) => fields.meta_mac_address,
    'destination.address': 'same',
    'user.id': 'same',
    'user.name': () => user.at(-1),
    'user.domain': () => user[0],
    'user.target.name': 'same',
    'event.severity': ({ fields }) => fields.ioc_severity,
    'registry.key': ({ fields }) => fields.key,
    'registry.path': ({ fields }) => fields.path,
    'vulnerability.description': ({ fields }) => fields.ioc_detection_description,
    'vulnerability.reference': ({ fields }) => fields.ioc_detection_references,
  });
  const { '@timestamp': time, event: theirs } = sample.expected as {
    '@timestamp'?: string;
    event?: Json;
  };
  // For SIEM events they take the time the console made it; ours is when it happened, which is their event.end.
  const isSame = timeOf(event, theirs?.end ?? time) || time === undefined;
  return [...found, ...(isSame ? [] : ['@timestamp'])];
}

/** Facts of theirs that we do not share, by reason. */
const reasons: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'a worker of the data lake, which is no process on the host': {
    'ioc_view_query.json': ['process.name'],
    'ioc_view_query1.json': ['process.name'],
    'ioc_view_query2.json': ['process.name'],
    'ioc_view_query3.json': ['process.name'],
  },
  "the host's own public address, which is not where anything came from": {
    'ioc_view_query.json': ['source.ip'],
    'ioc_view_query1.json': ['source.ip'],
    'ioc_view_query3.json': ['source.ip'],
    'ioc_view_query4.json': ['source.ip'],
  },
  'the remote side of a sign-in is its source; the domain of an account is no address': {
    'ioc_view_query2.json': ['destination.address'],
    'ioc_view_query3.json': ['destination.address'],
    'ioc_view_query4.json': ['destination.address'],
  },
};

function explainedFor(name: string): readonly string[] {
  return Object.values(reasons).flatMap((samples) => samples[name] ?? []);
}

describe.each(['sophos-central', 'sophos-xdr-detections'])('samples of %s', (folder) => {
  it.each(samplesOf(folder).map((sample): [string, Sample] => [sample.name, sample]))(
    '%s: has the facts that another project reads in it',
    (name, sample) => {
      expect([...differencesOf(sample)].sort()).toEqual([...explainedFor(name)].sort());
    },
  );
});

function page(name: string): readonly Json[] {
  const file = join(testData, 'connectors/sophos-central/raw', name);
  const { items } = JSON.parse(readFileSync(file, 'utf8')) as { items: readonly Json[] };
  expect(items.length).toBeGreaterThan(0);
  return items;
}

describe('answers of the API', () => {
  it('with alerts tell threat, path and what is left to do', () => {
    for (const item of page('common-alerts-page.json')) {
      const event = parseSophosRecord(item, receivedAt);
      expect(event).toMatchObject({ classUid: 2004, severityId: 4 });
      expect(event.fields).toMatchObject({ threat: 'EICAR-AV-Test', disposition_id: 13 });
      expect(item.description).toContain(event.fields.full_file_path);
      expect(event.occurredAt).toBe(Date.parse(String(item.raisedAt)));
    }
  });

  it('with endpoints tell host, agent, addresses and whether it is a server', () => {
    const items = page('endpoints-page.json');
    const events = items.map((item) => parseSophosRecord(item, receivedAt));
    expect(events.map(({ classUid }) => classUid)).toEqual([5001, 5001]);
    expect(events.map(({ hostname }) => hostname)).toEqual(items.map(({ hostname }) => hostname));
    expect(events.map(({ fields }) => fields['os.isServer'])).toEqual([false, true]);
    expect(events.map(({ fields }) => fields.macAddresses)).toEqual(
      items.map((item) => item.macAddresses),
    );
  });

  it('with SIEM events and alerts tell user, host and the process behind', () => {
    const [event] = page('siem-events-page.json').map((item) =>
      parseSophosRecord(item, receivedAt),
    );
    expect(event).toMatchObject({ classUid: 5019, hostname: 'Lightning-rvda5c291x' });
    expect(event?.userName).toBe('Lightning-wmknq52avx\\Lightning');
    const [alert] = page('siem-alerts-page.json').map((item) =>
      parseSophosRecord(item, receivedAt),
    );
    expect(alert).toMatchObject({ classUid: 2004, severityId: 3, userName: 'Domain\\User' });
    expect(alert?.fields).toMatchObject({
      threat: 'PUAqsw3kby31j',
      disposition_id: 13,
      'data.hmpa_exploit.process_path': 'C:\\Windows\\Virus',
    });
  });

  it('with a health check name every check that counts something', () => {
    const file = join(
      testData,
      'connectors/sophos-central/raw/account-health-check.synthetic.json',
    );
    const event = parseSophosRecord(JSON.parse(readFileSync(file, 'utf8')) as Json, receivedAt);
    expect(event).toMatchObject({ classUid: 2003, severityId: 3 });
    expect([event.fields.failing_checks].flat().sort()).toEqual([
      'endpoint.exclusions.policy.computer',
      'endpoint.policy.computer.threat-protection',
      'endpoint.protection.computer',
      'endpoint.protection.server',
      'endpoint.tamperProtection.computer',
    ]);
  });
});
