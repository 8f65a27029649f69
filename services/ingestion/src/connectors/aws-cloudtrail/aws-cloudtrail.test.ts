import { describe, expect, it } from '@jest/globals';

import { awsCloudtrail } from './aws-cloudtrail.ts';
import { aCloudTrailRecord } from './testing/cloudtrail-record-builders.ts';

const record = aCloudTrailRecord();
const text = JSON.stringify({ Records: [record] });

describe('what AWS wraps around records', () => {
  it.each([
    ['an object of S3', { Records: [record, record] }, 2],
    ['EventBridge', { 'detail-type': 'AWS API Call via CloudTrail', detail: record }, 1],
    ['an SNS notification', { Type: 'Notification', TopicArn: 'arn:…', Message: text }, 1],
    ['a message of SQS', { MessageId: 'm', Body: JSON.stringify(record) }, 1],
    [
      'messages of SQS',
      {
        Messages: [
          { MessageId: 'm', Body: text },
          { MessageId: 'n', Body: text },
        ],
      },
      2,
    ],
    ['SQS as Lambda gets it', { Records: [{ eventSource: 'aws:sqs', body: text }] }, 1],
    ['SNS as Lambda gets it', { Records: [{ Sns: { TopicArn: 'a', Message: text } }] }, 1],
    ['LookupEvents', { Events: [{ EventId: '1', CloudTrailEvent: JSON.stringify(record) }] }, 1],
  ])('%s is taken off', (_name, envelope, count) => {
    const records = awsCloudtrail.unwrap?.(envelope);
    expect(records).toEqual(Array.from({ length: count }, () => record));
  });

  it('is not there for one record', () => {
    expect(awsCloudtrail.unwrap?.(record)).toBeNull();
    expect(awsCloudtrail.unwrap?.({})).toBeNull();
    expect(awsCloudtrail.unwrap?.({ Records: [] })).toBeNull();
  });

  it('may hold what is no record, which is kept and unmapped', () => {
    const records = awsCloudtrail.unwrap?.({ Records: ['text', 7, record] }) ?? [];
    const events = records.map((each) => awsCloudtrail.parse(each, 0, {}));
    expect(events.map(({ classUid }) => classUid)).toEqual([0, 0, 6003]);
    expect(events[0]?.fields.message).toBe('text');
  });

  it('leaves a pointer to an object of S3 as it is: it holds no record', () => {
    const pointer = { Records: [{ eventSource: 'aws:s3', s3: { object: { key: 'a.gz' } } }] };
    const [inside = {}] = awsCloudtrail.unwrap?.(pointer) ?? [];
    expect(awsCloudtrail.parse(inside, 0, {}).classUid).toBe(0);
  });

  it('is taken off a few times and never without end', () => {
    let envelope: Readonly<Record<string, unknown>> = record;
    for (let depth = 0; depth < 50; depth += 1) envelope = { Records: [envelope] };
    expect(awsCloudtrail.unwrap?.(envelope)).toHaveLength(1);
    const deep = `{"Records":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(awsCloudtrail.unwrap?.({ MessageId: 'm', Body: deep })).toBeNull();
  });
});

describe('the accounts of a connector', () => {
  const settings = { accountIds: ['111122223333'] };

  it('are ids of twelve digits, and optional', () => {
    expect(awsCloudtrail.settings.safeParse({}).success).toBe(true);
    expect(awsCloudtrail.settings.safeParse(settings).success).toBe(true);
    expect(awsCloudtrail.settings.safeParse({ accountIds: ['12'] }).success).toBe(false);
    expect(awsCloudtrail.settings.safeParse({ accounts: [] }).success).toBe(false);
  });

  it('decide whose records are taken, by whose trail it is', () => {
    const foreign = aCloudTrailRecord({ recipientAccountId: '999900001111' });
    expect(awsCloudtrail.refuse?.(record, settings)).toBeNull();
    expect(awsCloudtrail.refuse?.(foreign, settings)).toMatchObject({ code: 'FOREIGN_ACCOUNT' });
    // Somebody of another account acts in this one.
    const identity = { type: 'AWSAccount', accountId: '999900001111' };
    const visitor = aCloudTrailRecord({ userIdentity: identity });
    expect(awsCloudtrail.refuse?.(visitor, settings)).toBeNull();
    const old = aCloudTrailRecord({ userIdentity: identity, recipientAccountId: undefined });
    expect(awsCloudtrail.refuse?.(old, settings)).toMatchObject({ code: 'FOREIGN_ACCOUNT' });
  });

  it('are any where none is set', () => {
    const foreign = aCloudTrailRecord({ recipientAccountId: '999900001111' });
    expect(awsCloudtrail.refuse?.(foreign, {})).toBeNull();
    expect(awsCloudtrail.refuse?.(foreign, { accountIds: [] })).toBeNull();
  });

  it('quote nothing of the record in what they say', () => {
    const foreign = aCloudTrailRecord({ recipientAccountId: 'secret-account' });
    const problem = awsCloudtrail.refuse?.(foreign, settings);
    expect(problem?.message).not.toContain('secret-account');
  });
});
