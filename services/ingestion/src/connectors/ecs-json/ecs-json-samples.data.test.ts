import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { parseWindowsEvent } from '../windows-events/parse-windows-event.ts';
import { parseEcsDocument } from './parse-ecs-document.ts';

const root = resolve(
  import.meta.dirname,
  '../../../../..',
  process.env.VEDETTE_TEST_DATA ?? '../shared/data',
  'connectors',
);
const receivedAt = Date.UTC(2026, 0, 1);

type Json = Readonly<Record<string, unknown>>;

function readSample(connector: string, name: string): { input: Json; expected: Json } {
  const text = readFileSync(join(root, connector, 'ecs-fixtures', name), 'utf8');
  return JSON.parse(text) as { input: Json; expected: Json };
}

describe('documents of Winlogbeat, which are ECS', () => {
  const names = readdirSync(join(root, 'windows-winlogbeat', 'ecs-fixtures'));
  const documents = names.flatMap((name) => {
    const message = String(readSample('windows-winlogbeat', name).input.message);
    if (!message.startsWith('{')) return [];
    const document = JSON.parse(message) as Json;
    return typeof document.winlog === 'object' ? [[name, document] as const] : [];
  });

  it.each(documents)('%s: is the event that windows-events reads in it', (_name, document) => {
    const theirs = parseWindowsEvent(document, receivedAt);
    const ours = parseEcsDocument(document, receivedAt);
    const { classUid, activityId, severityId } = theirs;
    if (classUid !== 0) expect(ours).toMatchObject({ classUid, activityId, severityId });
    for (const name of [
      'EventID',
      'Channel',
      'Image',
      'CommandLine',
      'TargetUserName',
      'TargetObject',
    ]) {
      const value = theirs.fields[name];
      if (value !== undefined)
        expect([name, String(ours.fields[name])]).toEqual([name, String(value)]);
    }
  });

  it('are most of the samples', () => {
    expect(documents.length).toBeGreaterThan(20);
  });
});

/** What another project makes of records of many products: ECS with names of its own beside it. */
describe.each(['windows-events', 'aws-cloudtrail', 'aws-guardduty', 'okta', 'sophos-firewall'])(
  'normalised events of %s',
  (connector) => {
    const names = readdirSync(join(root, connector)).includes('ecs-fixtures')
      ? readdirSync(join(root, connector, 'ecs-fixtures'))
      : [];

    it('have their time, host, user and addresses', () => {
      for (const name of names) {
        const { expected } = readSample(connector, name);
        const event = parseEcsDocument(expected, receivedAt);
        const time = expected['@timestamp'];
        if (typeof time === 'string')
          expect([name, event.occurredAt]).toEqual([name, Date.parse(time)]);
        const host = (expected.host as Json | undefined)?.name;
        if (host !== undefined) expect([name, event.hostname]).toEqual([name, host]);
        const user = (expected.user as Json | undefined)?.name;
        if (typeof user === 'string') expect(event.userName).toContain(user);
        const source = (expected.source as Json | undefined)?.ip;
        if (source !== undefined) expect(event.fields['source.ip']).toBe(source);
      }
    });
  },
);
