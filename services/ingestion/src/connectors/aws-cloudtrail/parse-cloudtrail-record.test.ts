import { toEcs, toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { parseCloudTrailRecord } from './parse-cloudtrail-record.ts';
import { aCloudTrailRecord, aConsoleLogin } from './testing/cloudtrail-record-builders.ts';

const receivedAt = Date.UTC(2026, 1, 1);
const noon = Date.UTC(2026, 0, 31, 12);

function parse(record: Readonly<Record<string, unknown>>) {
  return parseCloudTrailRecord(record, receivedAt);
}

function kindOf(eventName: string, more: Readonly<Record<string, unknown>> = {}) {
  const { classUid, activityId } = parse(aCloudTrailRecord({ eventName, ...more }));
  return [classUid, activityId];
}

describe('a record of CloudTrail', () => {
  it('is an API call with its own time, reference and user', () => {
    expect(parse(aCloudTrailRecord())).toMatchObject({
      source: 'aws-cloudtrail',
      occurredAt: noon,
      classUid: 6003,
      activityId: 3,
      severityId: 1,
      sourceRef: '0d1f8a0e-0000-4000-8000-000000000001',
      userName: 'ann',
    });
  });

  it('keeps its names, nested ones dotted, as rules have them', () => {
    expect({ ...parse(aCloudTrailRecord()).fields }).toMatchObject({
      'userIdentity.arn': 'arn:aws:iam::111122223333:user/ann',
      'requestParameters.bucketName': 'invoices',
      'requestParameters.policy.Statement.Effect': 'Allow',
      eventSource: 's3.amazonaws.com',
      awsRegion: 'eu-central-1',
    });
  });

  it('has its parameters as one text too, which some rules search', () => {
    const { fields } = parse(aCloudTrailRecord());
    expect(fields.requestParameters).toBe(
      '{"bucketName":"invoices","policy":{"Statement":[{"Effect":"Allow"}]}}',
    );
    expect(fields.responseElements).toBeNull();
    const long = parse(aCloudTrailRecord({ requestParameters: { a: 'x'.repeat(100_000) } }));
    expect(String(long.fields.requestParameters)).toHaveLength(16_384);
  });

  it('has failed when it has an error code', () => {
    expect(parse(aCloudTrailRecord()).fields.outcome).toBe('success');
    const denied = parse(aCloudTrailRecord({ errorCode: 'AccessDenied', errorMessage: 'no' }));
    expect(denied.fields.outcome).toBe('failure');
    expect(toOcsf(denied)).toMatchObject({
      status: 'Failure',
      status_id: 2,
      api: { response: { error: 'AccessDenied', error_message: 'no' } },
    });
  });

  it('has its activity by its verb, else by whether it only reads', () => {
    expect(kindOf('DescribeInstances')).toEqual([6003, 2]);
    expect(kindOf('BatchGetImage')).toEqual([6003, 2]);
    expect(kindOf('RunInstances')).toEqual([6003, 1]);
    expect(kindOf('StopLogging')).toEqual([6003, 3]);
    expect(kindOf('DeleteTrail')).toEqual([6003, 4]);
    expect(kindOf('AssumeRole', { eventSource: 'sts.amazonaws.com', readOnly: true })).toEqual([
      6003, 2,
    ]);
    expect(kindOf('SendCommand')).toEqual([6003, 99]);
    // `Settle` does not begin with the verb `Set`.
    expect(kindOf('SettleAccount')).toEqual([6003, 99]);
  });

  it.each([
    ['CreateUser', 3001, 1],
    ['DeleteUser', 3001, 6],
    ['CreateLoginProfile', 3001, 2],
    ['UpdateLoginProfile', 3001, 4],
    ['CreateAccessKey', 3001, 99],
    ['AttachUserPolicy', 3001, 7],
    ['DeactivateMFADevice', 3001, 11],
    ['CreateRole', 3001, 1],
    ['AttachRolePolicy', 3005, 1],
    ['UpdateAssumeRolePolicy', 3005, 1],
    ['DetachRolePolicy', 3005, 2],
    ['AddUserToGroup', 3006, 3],
    ['CreateGroup', 3006, 6],
    ['GetUser', 6003, 2],
  ])('of IAM, %s is of class %i and activity %i', (eventName, classUid, activityId) => {
    expect(kindOf(eventName, { eventSource: 'iam.amazonaws.com' })).toEqual([classUid, activityId]);
  });

  it('tells who was changed apart from who changed', () => {
    const event = parse(
      aCloudTrailRecord({
        eventSource: 'iam.amazonaws.com',
        eventName: 'CreateUser',
        requestParameters: { userName: 'mallory' },
      }),
    );
    expect(event.userName).toBe('ann');
    expect(toOcsf(event)).toMatchObject({
      user: { name: 'mallory' },
      actor: { user: { name: 'ann', account: { uid: '111122223333' } } },
    });
    expect(toEcs(event)).toMatchObject({ user: { name: 'ann', target: { name: 'mallory' } } });
  });

  it('names a session by role and session, root as root, and a service not at all', () => {
    const user = (userIdentity: unknown) => parse(aCloudTrailRecord({ userIdentity })).userName;
    const arn = 'arn:aws:sts::111122223333:assumed-role/Admin/ann@corp.example';
    expect(user({ type: 'AssumedRole', arn })).toBe('Admin/ann@corp.example');
    expect(user({ type: 'Root', arn: 'arn:aws:iam::111122223333:root' })).toBe('root');
    expect(user({ type: 'AWSService', invokedBy: 'lambda.amazonaws.com' })).toBeUndefined();
    expect(user({ type: 'IAMUser', userName: 'HIDDEN_DUE_TO_SECURITY_REASONS' })).toBeUndefined();
  });

  it('from a service that is no address has it among the other fields', () => {
    const event = parse(aCloudTrailRecord({ sourceIPAddress: 'lambda.amazonaws.com' }));
    expect(toOcsf(event)).not.toHaveProperty('src_endpoint.ip');
    expect(toOcsf(event)).toHaveProperty(['unmapped', 'sourceIPAddress'], 'lambda.amazonaws.com');
  });
});

describe('a sign-in to the console', () => {
  it('is an authentication that succeeded or failed', () => {
    expect(parse(aConsoleLogin('Success'))).toMatchObject({
      classUid: 3002,
      activityId: 1,
      fields: { outcome: 'success', 'responseElements.ConsoleLogin': 'Success' },
    });
    const failed = parse(aConsoleLogin('Failure', { errorMessage: 'Failed authentication' }));
    expect(toOcsf(failed)).toMatchObject({
      status_id: 2,
      status_detail: 'Failed authentication',
      user: { name: 'ann' },
      src_endpoint: { ip: '198.51.100.7' },
    });
    expect(toEcs(failed)).toMatchObject({ event: { outcome: 'failure' } });
  });
});

describe('an insight', () => {
  it('is a finding that opens with its start and closes with its end', () => {
    const insight = (state: string) =>
      parse({
        eventType: 'AwsCloudTrailInsight',
        eventTime: '2026-01-31T12:00:00Z',
        eventID: state,
        sharedEventID: 'shared-1',
        insightDetails: { state, insightType: 'ApiCallRateInsight', eventName: 'RunInstances' },
      });
    expect(insight('Start')).toMatchObject({ classUid: 2004, activityId: 1, severityId: 2 });
    expect(insight('End')).toMatchObject({ classUid: 2004, activityId: 3 });
    expect(toOcsf(insight('Start'))).toMatchObject({ finding_info: { uid: 'shared-1' } });
  });
});

describe('a record of another shape', () => {
  it('is unmapped, with its own fields and the time of receipt', () => {
    expect(parse({ greeting: { text: 'hello' } })).toMatchObject({
      occurredAt: receivedAt,
      classUid: 0,
      activityId: 0,
      fields: { 'greeting.text': 'hello' },
    });
  });

  it('is what a notification of S3 is, though it has an event name', () => {
    const notification = { eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3: {} };
    expect(parse(notification).classUid).toBe(0);
  });
});
