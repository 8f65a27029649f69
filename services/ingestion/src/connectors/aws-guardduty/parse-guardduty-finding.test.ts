import { toEcs, toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { awsGuardduty } from './aws-guardduty.ts';
import { parseGuardDutyFinding } from './parse-guardduty-finding.ts';

const receivedAt = Date.UTC(2026, 1, 1);
type Json = Readonly<Record<string, unknown>>;

/** A finding about an instance that connects to a bad address; names and addresses are made up. */
function aFinding(more: Json = {}, service: Json = {}): Json {
  return {
    schemaVersion: '2.0',
    accountId: '111122223333',
    region: 'eu-central-1',
    id: 'f00dfeed',
    arn: 'arn:aws:guardduty:eu-central-1:111122223333:detector/d1/finding/f00dfeed',
    type: 'Trojan:EC2/BlackholeTraffic',
    severity: 8,
    title: 'An instance talks to a black hole.',
    description: 'i-0abc talks to 203.0.113.9.',
    createdAt: '2026-01-31T12:00:00.500Z',
    updatedAt: '2026-01-31T12:00:00.500Z',
    resource: {
      resourceType: 'Instance',
      instanceDetails: { instanceId: 'i-0abc', instanceType: 't3.micro' },
    },
    service: {
      serviceName: 'guardduty',
      detectorId: 'd1',
      count: 1,
      archived: false,
      eventFirstSeen: '2026-01-31T11:50:00.000Z',
      eventLastSeen: '2026-01-31T11:55:00.000Z',
      action: {
        actionType: 'NETWORK_CONNECTION',
        networkConnectionAction: {
          connectionDirection: 'OUTBOUND',
          protocol: 'TCP',
          localIpDetails: { ipAddressV4: '192.0.2.5' },
          localPortDetails: { port: 50123 },
          remoteIpDetails: { ipAddressV4: '203.0.113.9' },
          remotePortDetails: { port: 443 },
        },
      },
      ...service,
    },
    ...more,
  };
}

function parse(record: Json) {
  return parseGuardDutyFinding(record, receivedAt);
}

/** The same with capitals, as AWS's programming interface has it. */
function withCapitals(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withCapitals);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key.charAt(0).toUpperCase() + key.slice(1),
      withCapitals(child),
    ]),
  );
}

describe('a finding of GuardDuty', () => {
  it('is a detection finding about an instance', () => {
    expect(parse(aFinding())).toMatchObject({
      source: 'aws-guardduty',
      occurredAt: Date.UTC(2026, 0, 31, 12, 0, 0, 500),
      classUid: 2004,
      activityId: 1,
      severityId: 4,
      hostname: 'i-0abc',
      fields: {
        'service.action.actionType': 'NETWORK_CONNECTION',
        'resource.instanceDetails.instanceType': 't3.micro',
      },
    });
  });

  it('is the same with capitals', () => {
    const capitals = parse(withCapitals(aFinding()) as Json);
    expect(capitals).toEqual(parse(aFinding()));
  });

  it('keeps keys that are data: a kind of resource is no name of a field', () => {
    const action = {
      actionType: 'AWS_API_CALL',
      awsApiCallAction: {
        api: 'GetObject',
        affectedResources: { 'AWS::S3::Bucket': 'invoices' },
        remoteIpDetails: { ipAddressV4: '203.0.113.9' },
      },
    };
    const event = parse(aFinding({}, { action }));
    const name = 'service.action.awsApiCallAction.affectedResources.AWS::S3::Bucket';
    expect(event.fields[name]).toBe('invoices');
    expect(event.fields.sourceIp).toBe('203.0.113.9');
  });

  it.each([
    [0.5, 1],
    [1, 2],
    [3.9, 2],
    [4, 3],
    [6.9, 3],
    [7, 4],
    [8.9, 4],
    [9, 5],
    [10, 5],
    [11, 0],
    ['high', 0],
  ])('of severity %s has the severity id %i', (severity, severityId) => {
    expect(parse(aFinding({ severity })).severityId).toBe(severityId);
  });

  it('that comes again with a higher count is an update, and no copy', () => {
    const first = parse(aFinding());
    const again = parse(aFinding({ updatedAt: '2026-01-31T13:00:00.000Z' }, { count: 7 }));
    expect(again).toMatchObject({ classUid: 2004, activityId: 2 });
    expect(again.occurredAt).toBe(Date.UTC(2026, 0, 31, 13));
    expect(new Set([first.sourceRef, again.sourceRef]).size).toBe(2);
    expect(parse(aFinding()).sourceRef).toBe(first.sourceRef);
    for (const event of [first, again]) {
      expect(toOcsf(event)).toMatchObject({ finding_info: { uid: 'f00dfeed' } });
    }
  });

  it('that was archived is closed', () => {
    expect(parse(aFinding({}, { archived: true })).activityId).toBe(3);
  });

  it('has the instance as the source of a connection that went out, else the other side', () => {
    expect(toEcs(parse(aFinding()))).toMatchObject({
      source: { ip: '192.0.2.5', port: 50123 },
      destination: { ip: '203.0.113.9', port: 443 },
    });
    const networkConnectionAction = {
      connectionDirection: 'INBOUND',
      localIpDetails: { ipAddressV4: '192.0.2.5' },
      remoteIpDetails: { ipAddressV4: '203.0.113.9' },
    };
    const inbound = parse(aFinding({}, { action: { networkConnectionAction } }));
    expect(toOcsf(inbound)).toMatchObject({
      evidences: [{ src_endpoint: { ip: '203.0.113.9' }, dst_endpoint: { ip: '192.0.2.5' } }],
    });
  });

  it('names whose credentials were used', () => {
    const resource = { resourceType: 'AccessKey', accessKeyDetails: { userName: 'ann' } };
    expect(parse(aFinding({ resource })).userName).toBe('ann');
  });

  it('arrives in EventBridge, in lists and from one of the accounts only', () => {
    const bridge = {
      'detail-type': 'GuardDuty Finding',
      source: 'aws.guardduty',
      detail: aFinding(),
    };
    expect(awsGuardduty.unwrap?.(bridge)).toEqual([aFinding()]);
    expect(awsGuardduty.unwrap?.({ Findings: [aFinding(), aFinding()] })).toHaveLength(2);
    const settings = { accountIds: ['999900001111'] };
    const refused = { code: 'FOREIGN_ACCOUNT' };
    expect(awsGuardduty.refuse?.(aFinding(), settings)).toMatchObject(refused);
    expect(awsGuardduty.refuse?.(withCapitals(aFinding()) as Json, settings)).toMatchObject(
      refused,
    );
  });

  it('in the format of Security Hub is read by that one', () => {
    const event = parse({
      SchemaVersion: '2018-10-08',
      ProductName: 'GuardDuty',
      AwsAccountId: '111122223333',
      Region: 'eu-central-1',
      Id: 'arn:aws:guardduty:eu-central-1:111122223333:detector/d1/finding/f1',
      Title: 'A trail was stopped.',
      Types: ['TTPs/Defense Evasion/Stealth:IAMUser-CloudTrailLoggingDisabled'],
      Severity: { Product: 5, Label: 'MEDIUM' },
      UpdatedAt: '2026-01-31T12:00:00Z',
      RecordState: 'ACTIVE',
      ProductFields: { 'aws/guardduty/service/count': '3' },
    });
    expect(event).toMatchObject({
      classUid: 2004,
      activityId: 2,
      severityId: 3,
      fields: { accountId: '111122223333', 'service.count': '3' },
    });
  });

  it('of another product or shape is unmapped, by its own names', () => {
    expect(parse({ Id: '1', Type: 'x', Other: 1 })).toMatchObject({
      classUid: 0,
      occurredAt: receivedAt,
      fields: { Id: '1', Other: 1 },
    });
    const inspector = { ProductName: 'Inspector', AwsAccountId: '1', Id: 'i', Types: ['x'] };
    expect(parse(inspector).classUid).toBe(0);
  });
});
