import { awsAccountSettings, refuseForeignAccount } from '../aws-cloudtrail/aws-accounts.ts';
import { unwrapAws } from '../aws-cloudtrail/aws-envelopes.ts';
import type { ConnectorDefinition } from '../connector-definition.ts';
import { parseGuardDutyFinding } from './parse-guardduty-finding.ts';

/** AWS GuardDuty findings, as EventBridge, the API or Security Hub hand them over. */
export const awsGuardduty: ConnectorDefinition = {
  family: 'CLOUD',
  deliveries: ['HTTP'],
  settings: awsAccountSettings,
  unwrap: unwrapAws,
  refuse: (record, settings) =>
    refuseForeignAccount(record.accountId ?? record.AccountId ?? record.AwsAccountId, settings),
  parse: parseGuardDutyFinding,
};
