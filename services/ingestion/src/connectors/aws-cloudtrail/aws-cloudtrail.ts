import type { ConnectorDefinition } from '../connector-definition.ts';
import { awsAccountSettings, cloudTrailAccount, refuseForeignAccount } from './aws-accounts.ts';
import { unwrapAws } from './aws-envelopes.ts';
import { parseCloudTrailRecord } from './parse-cloudtrail-record.ts';

/** AWS CloudTrail: what was asked of AWS's interfaces, by whom and from where. */
export const awsCloudtrail: ConnectorDefinition = {
  family: 'CLOUD',
  deliveries: ['HTTP'],
  settings: awsAccountSettings,
  unwrap: unwrapAws,
  refuse: (record, settings) => refuseForeignAccount(cloudTrailAccount(record), settings),
  parse: parseCloudTrailRecord,
};
