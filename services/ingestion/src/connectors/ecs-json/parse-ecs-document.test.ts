import { toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { ecsJson } from './ecs-json.ts';
import { parseEcsDocument } from './parse-ecs-document.ts';

const receivedAt = Date.UTC(2026, 1, 1);
const noon = Date.UTC(2026, 0, 31, 12);
type Json = Readonly<Record<string, unknown>>;

function parse(document: Json) {
  return parseEcsDocument(document, receivedAt);
}

/** A process start on a Linux host; the names are made up. */
function aProcessStart(more: Json = {}): Json {
  return {
    '@timestamp': '2026-01-31T12:00:00.000Z',
    event: { id: 'e1', kind: 'event', category: ['process'], type: ['start'], action: 'exec' },
    host: { name: 'web1.corp.example' },
    user: { name: 'ann', domain: 'CORP' },
    process: {
      executable: '/usr/bin/curl',
      command_line: 'curl http://203.0.113.9/x',
      pid: 42,
      hash: { sha256: 'ab12' },
      parent: { executable: '/bin/sh' },
    },
    ...more,
  };
}

describe('an ECS document', () => {
  it('has its class, time, reference, host and user', () => {
    expect(parse(aProcessStart())).toMatchObject({
      source: 'ecs-json',
      occurredAt: noon,
      classUid: 1007,
      activityId: 1,
      severityId: 1,
      sourceRef: 'e1',
      hostname: 'web1.corp.example',
      userName: 'CORP\\ann',
    });
  });

  it('keeps its own dotted names and has those of rules beside them', () => {
    expect({ ...parse(aProcessStart()).fields }).toMatchObject({
      'process.executable': '/usr/bin/curl',
      Image: '/usr/bin/curl',
      CommandLine: 'curl http://203.0.113.9/x',
      ProcessId: 42,
      ParentImage: '/bin/sh',
      User: 'CORP\\ann',
      Hashes: 'SHA256=ab12',
    });
  });

  it('reaches OCSF', () => {
    expect(toOcsf(parse(aProcessStart()))).toMatchObject({
      class_uid: 1007,
      process: {
        pid: 42,
        cmd_line: 'curl http://203.0.113.9/x',
        file: { path: '/usr/bin/curl', name: 'curl' },
        parent_process: { file: { path: '/bin/sh' } },
      },
      device: { hostname: 'web1.corp.example' },
      metadata: { uid: 'e1' },
    });
  });

  it('may have dotted keys, nested ones, or both', () => {
    const dotted = parse({
      '@timestamp': '2026-01-31T12:00:00.000Z',
      'event.category': 'process',
      'event.type': 'start',
      'process.executable': '/usr/bin/curl',
      process: { command_line: 'curl', parent: { 'hash.md5': 'x' } },
    });
    expect(dotted).toMatchObject({ classUid: 1007, activityId: 1 });
    expect({ ...dotted.fields }).toMatchObject({ Image: '/usr/bin/curl', CommandLine: 'curl' });
    expect(dotted.fields['process.parent.hash.md5']).toBe('x');
  });

  it('of no Windows event never looks like one', () => {
    const { fields } = parse(aProcessStart({ 'event.code': '4688', 'event.provider': 'auditd' }));
    for (const name of ['EventID', 'Channel', 'Provider_Name', 'Computer']) {
      expect(fields[name]).toBeUndefined();
    }
  });

  it('made from a Windows event has its envelope and its exact class', () => {
    const event = parse({
      '@timestamp': '2026-01-31T12:00:00.000Z',
      event: {
        code: '4625',
        provider: 'Microsoft-Windows-Security-Auditing',
        category: ['network'],
      },
      winlog: { channel: 'Security', event_data: { LogonType: '3', SubStatus: '0xc000006a' } },
      user: { name: 'ann', domain: 'CORP' },
      source: { ip: '198.51.100.7' },
    });
    expect(event).toMatchObject({ classUid: 3002, activityId: 1 });
    expect({ ...event.fields }).toMatchObject({
      EventID: 4625,
      Channel: 'Security',
      Provider_Name: 'Microsoft-Windows-Security-Auditing',
      TargetUserName: 'ann',
      TargetDomainName: 'CORP',
      IpAddress: '198.51.100.7',
      LogonType: '3',
      SubStatus: '0xc000006a',
    });
  });

  it.each([
    [{ category: 'authentication', type: 'start' }, {}, 3002, 1],
    [{ category: ['authentication'], type: ['end'] }, {}, 3002, 2],
    [{ category: 'file', type: 'deletion' }, {}, 1001, 4],
    [{ category: 'file', type: 'change', action: 'rename' }, {}, 1001, 5],
    [{ category: 'network', type: 'denied' }, {}, 4001, 5],
    [{ category: 'network' }, { dns: { question: { name: 'a.example' } } }, 4003, 1],
    [
      { category: 'network' },
      { dns: { question: { name: 'a.example' }, type: 'answer' } },
      4003,
      2,
    ],
    [{ category: 'web' }, { http: { request: { method: 'post' } } }, 4002, 6],
    [{ category: 'registry', type: 'change' }, { registry: { value: 'v' } }, 201002, 2],
    [{ category: 'registry', type: 'creation' }, {}, 201001, 1],
    [{ category: 'iam', type: ['user', 'creation'] }, {}, 3001, 1],
    [{ category: 'iam', type: ['group', 'change'] }, {}, 3006, 9],
    [{ category: 'library' }, {}, 1005, 1],
    [{ kind: 'alert', category: 'process' }, {}, 2004, 1],
    [{ category: 'malware' }, {}, 2004, 1],
    [{ category: 'astrology' }, {}, 0, 0],
    [{}, {}, 0, 0],
  ])('with event %j and %j is of class %i and activity %i', (event, more, classUid, activityId) => {
    expect(parse({ event, ...more })).toMatchObject({ classUid, activityId });
  });

  it.each([
    [{ event: { severity: 4 } }, 4],
    [{ event: { severity: 73 } }, 4],
    [{ event: { severity: 21 } }, 2],
    [{ event: { severity: 7 } }, 1],
    [{ 'kibana.alert.severity': 'critical', event: { severity: 1 } }, 5],
    [{}, 1],
  ])('with %j has the severity id %i', (document, severityId) => {
    expect(parse(document).severityId).toBe(severityId);
  });

  it('as a hit of Elasticsearch is read by its source, with its id as the reference', () => {
    const hit = {
      _index: 'logs',
      _id: 'h1',
      _source: aProcessStart({ event: { category: 'process' } }),
    };
    expect(parse(hit)).toMatchObject({ classUid: 1007, sourceRef: 'h1' });
    expect(ecsJson.unwrap?.({ hits: { total: 1, hits: [hit] } })).toEqual([hit]);
    expect(ecsJson.unwrap?.(aProcessStart())).toBeNull();
  });

  it("of a product that we read has that product's names", () => {
    const event = parse({
      '@timestamp': '2026-01-31T12:00:00.000Z',
      event: {
        dataset: 'aws.cloudtrail',
        category: 'api',
        type: 'deletion',
        action: 'DeleteTrail',
        provider: 'cloudtrail.amazonaws.com',
        outcome: 'success',
      },
      cloud: { account: { id: '111122223333' }, region: 'eu-central-1' },
    });
    expect(event).toMatchObject({ classUid: 6003, activityId: 4 });
    expect({ ...event.fields }).toMatchObject({
      eventName: 'DeleteTrail',
      eventSource: 'cloudtrail.amazonaws.com',
      awsRegion: 'eu-central-1',
    });
  });
});
