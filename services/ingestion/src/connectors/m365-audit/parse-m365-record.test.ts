import { toEcs, toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { m365Audit } from './m365-audit.ts';
import { parseM365Record } from './parse-m365-record.ts';
import { aDownload, anAlert, anInboxRule, aSignIn } from './testing/m365-records.ts';

const receivedAt = Date.UTC(2026, 1, 1);

function parse(record: Readonly<Record<string, unknown>>) {
  return parseM365Record(record, receivedAt);
}

function meaningOf(Operation: string, more: Readonly<Record<string, unknown>> = {}) {
  const { classUid, activityId } = parse({
    Operation,
    CreationTime: '2026-01-31T12:00:00',
    ...more,
  });
  return [classUid, activityId];
}

describe('a sign-in', () => {
  it('has its user, address, device and outcome; its time has no zone and is UTC', () => {
    const event = parse(aSignIn());
    expect(event).toMatchObject({
      source: 'm365-audit',
      classUid: 3002,
      activityId: 1,
      occurredAt: Date.UTC(2026, 0, 31, 12),
      sourceRef: '0f1d2a90-0000-4000-8000-000000000001',
      userName: 'ann@corp.example',
      hostname: 'WS-ANN',
    });
    expect(event.fields).toMatchObject({ ClientIP: '192.0.2.7', ClientPort: 8085 });
    expect(toOcsf(event)).toMatchObject({
      status_id: 1,
      status: 'Success',
      src_endpoint: { ip: '192.0.2.7', port: 8085 },
      user: { name: 'ann@corp.example' },
      http_request: { user_agent: 'ExampleBrowser/1.0' },
    });
  });

  it('that failed is a failure, whatever else it says', () => {
    const failed = parse(aSignIn({ Operation: 'UserLoginFailed', ErrorNumber: '50126' }));
    expect(toOcsf(failed)).toMatchObject({ class_uid: 3002, status_id: 2, status_code: '50126' });
  });

  it.each([
    ['[2001:db8::9]:443', '2001:db8::9', 443],
    ['2001:db8::9', '2001:db8::9', undefined],
    ['192.0.2.9', '192.0.2.9', undefined],
  ])('from %s is from %s', (ClientIP, address, port) => {
    const { fields } = parse(aSignIn({ ClientIP }));
    expect([fields.ClientIP, fields.ClientPort]).toEqual([address, port]);
  });

  it('from nowhere told has the address that is told otherwise', () => {
    expect(parse(aSignIn({ ClientIP: '<null>' })).fields.ClientIP).toBe('192.0.2.7');
  });
});

describe('a mailbox rule', () => {
  it('that forwards and deletes is the signal of a taken-over mailbox', () => {
    const event = parse(anInboxRule());
    expect(event).toMatchObject({ classUid: 6003, severityId: 3 });
    expect(event.fields).toMatchObject({
      'Parameters.ForwardTo': 'thief@mail.example',
      'Parameters.Name': '.',
      ClientIP: '2001:db8::7',
      'attack.technique.id': ['T1114.003', 'T1564.008'],
    });
  });

  it('that only marks mail is no such signal', () => {
    const event = parse(anInboxRule({ Parameters: [{ Name: 'MarkImportance', Value: 'High' }] }));
    expect(event.severityId).toBe(2);
    expect(event.fields).not.toHaveProperty(['attack.technique.id']);
  });

  it('of Outlook tells its actions as JSON text', () => {
    const RuleActions = '[{"ActionType":"Forward","Recipients":["thief@mail.example"]}]';
    const OperationProperties = [{ Name: 'RuleActions', Value: RuleActions }];
    const event = parse(
      anInboxRule({ Operation: 'UpdateInboxRules', Parameters: [], OperationProperties }),
    );
    expect(event.fields).toMatchObject({
      'OperationProperties.RuleActions.Recipients': ['thief@mail.example'],
      'attack.technique.id': ['T1114.003'],
    });
  });
});

describe('an alert', () => {
  it('is about the user and host in its data, not of the service that raised it', () => {
    const event = parse(anAlert());
    expect(event).toMatchObject({
      classUid: 2004,
      activityId: 1,
      severityId: 4,
      userName: 'ann@corp.example',
      hostname: 'ws-ann',
    });
    // The words of Sigma's rules for threat management.
    expect(event.fields).toMatchObject({
      eventSource: 'SecurityComplianceCenter',
      eventName: 'Potential ransomware activity',
      status: 'success',
    });
  });

  it('of a mail that was delivered is high, and of one that was blocked is not', () => {
    const mail = { Operation: 'TIMailData', RecordType: 28, Workload: 'ThreatIntelligence' };
    const delivered = parse(anAlert({ ...mail, DeliveryAction: 'Delivered' }));
    const blocked = parse(anAlert({ ...mail, DeliveryAction: 'Blocked' }));
    expect([delivered.severityId, delivered.fields.disposition_id]).toEqual([4, 1]);
    expect([blocked.severityId, blocked.fields.disposition_id]).toEqual([3, 2]);
  });
});

describe('an operation', () => {
  const directory = { Workload: 'AzureActiveDirectory', RecordType: 8 };
  const exchange = { Workload: 'Exchange', RecordType: 2 };
  const files = { Workload: 'SharePoint', RecordType: 6 };

  it.each([
    ['Add member to role.', directory, [3005, 1]],
    ['Remove member from role.', directory, [3005, 2]],
    ['Consent to application.', directory, [3005, 1]],
    ['Add app role assignment grant to user.', directory, [3005, 1]],
    ['Add user.', directory, [3001, 1]],
    ['Disable Strong Authentication.', directory, [3001, 11]],
    ['Reset user password.', directory, [3001, 4]],
    ['Add member to group.', directory, [3006, 3]],
    ['Add application.', directory, [3004, 1]],
    ['Set federation settings on domain.', directory, [3004, 3]],
    ['MailItemsAccessed', exchange, [6005, 1]],
    ['HardDelete', exchange, [6005, 7]],
    ['SendAs', exchange, [4009, 1]],
    ['Add-MailboxPermission', exchange, [3005, 1]],
    ['Set-Mailbox', exchange, [6003, 3]],
    ['FileUploaded', files, [6006, 1]],
    ['FileSyncDownloadedFull', files, [6006, 15]],
    ['AnonymousLinkCreated', files, [6006, 12]],
    ['DlpRuleMatch', {}, [2006, 1]],
    ['MemberAdded', { Workload: 'MicrosoftTeams' }, [3006, 3]],
    ['DeleteTeapot', { Workload: 'PowerApps' }, [6003, 4]],
    ['Teapot', { Workload: 'PowerApps' }, [6003, 99]],
  ])('%s of %j means %j', (operation, more, meaning) => {
    expect(meaningOf(operation, more)).toEqual(meaning);
  });

  it('on a file names file, folder, size and the guest by his address', () => {
    const event = parse(aDownload());
    expect(event).toMatchObject({
      classUid: 6006,
      activityId: 2,
      userName: 'guest@partner.example',
    });
    expect(toEcs(event)).toMatchObject({
      file: { name: 'plan.xlsx', directory: 'Documents/2026', size: 4096 },
      event: { action: 'FileDownloaded', outcome: 'success' },
    });
  });

  it('on a role names the role', () => {
    const ModifiedProperties = [
      { Name: 'Role.DisplayName', NewValue: 'Global Administrator', OldValue: '' },
    ];
    const event = parse(
      aSignIn({
        Operation: 'Add member to role.',
        RecordType: 8,
        ModifiedProperties,
        ObjectId: 'bob@corp.example',
      }),
    );
    expect(toOcsf(event)).toMatchObject({
      privileges: ['Global Administrator'],
      user: { name: 'bob@corp.example' },
    });
  });
});

describe('a record of another road', () => {
  it('of Log Analytics is read by its own names', () => {
    const event = parse({
      TimeGenerated: '2026-01-31T12:00:00Z',
      Operation: 'MailItemsAccessed',
      OfficeWorkload: 'Exchange',
      OfficeId: 'o-1',
      UserId: 'ann@corp.example',
      Client_IPAddress: '192.0.2.7',
      Folders: '[{"Path":"\\\\Inbox","FolderItems":[{"InternetMessageId":"<1@mail.example>"}]}]',
    });
    expect(event).toMatchObject({ classUid: 6005, sourceRef: 'o-1', userName: 'ann@corp.example' });
    expect(event.fields).toMatchObject({ ClientIP: '192.0.2.7', 'Folders.Path': '\\Inbox' });
  });

  it('inside an event of Defender is the record that Defender saw', () => {
    const inner = anInboxRule();
    const event = parse({
      Timestamp: '2026-01-31T12:10:05Z',
      ActionType: 'x',
      RawEventData: inner,
    });
    expect(event).toMatchObject({ classUid: 6003, sourceRef: inner.Id });
  });

  it('comes in a list under value, and without an operation is unmapped', () => {
    expect(m365Audit.unwrap?.({ value: [aSignIn(), aDownload()] })).toHaveLength(2);
    expect(m365Audit.unwrap?.(aSignIn())).toBeNull();
    expect(parse({ teapot: true })).toMatchObject({ classUid: 0, occurredAt: receivedAt });
  });
});
