import type { JsonRecord } from '../../connector-definition.ts';

/** A call by an IAM user, as CloudTrail records it. The names, ids and addresses are made up. */
export function aCloudTrailRecord(more: JsonRecord = {}): JsonRecord {
  return {
    eventVersion: '1.09',
    userIdentity: {
      type: 'IAMUser',
      principalId: 'AIDAEXAMPLEANN',
      arn: 'arn:aws:iam::111122223333:user/ann',
      accountId: '111122223333',
      accessKeyId: 'AKIAEXAMPLEANN',
      userName: 'ann',
    },
    eventTime: '2026-01-31T12:00:00Z',
    eventSource: 's3.amazonaws.com',
    eventName: 'PutBucketPolicy',
    awsRegion: 'eu-central-1',
    sourceIPAddress: '198.51.100.7',
    userAgent: 'aws-cli/2.15',
    requestParameters: { bucketName: 'invoices', policy: { Statement: [{ Effect: 'Allow' }] } },
    responseElements: null,
    requestID: 'REQ1',
    eventID: '0d1f8a0e-0000-4000-8000-000000000001',
    readOnly: false,
    eventType: 'AwsApiCall',
    recipientAccountId: '111122223333',
    ...more,
  };
}

/** A sign-in to the console. */
export function aConsoleLogin(result: 'Success' | 'Failure', more: JsonRecord = {}): JsonRecord {
  return aCloudTrailRecord({
    eventSource: 'signin.amazonaws.com',
    eventName: 'ConsoleLogin',
    eventType: 'AwsConsoleSignIn',
    requestParameters: null,
    responseElements: { ConsoleLogin: result },
    additionalEventData: { MFAUsed: 'No' },
    ...more,
  });
}
