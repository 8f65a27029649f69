import { z } from 'zod';

import type { ConnectorSettings, JsonRecord, RecordProblem } from '../connector-definition.ts';
import { isRecord } from '../record-fields.ts';

/** `accountIds`: the AWS accounts whose records are taken; none: any account's. */
export const awsAccountSettings = z.strictObject({
  accountIds: z
    .array(z.string().regex(/^\d{12}$/, 'must be an AWS account id of 12 digits'))
    .max(1000)
    .optional(),
});

/**
 * Refuses another account's record. A record that names no account is taken: it is of a shape that we do not know,
 * and its customer is the connection's in any case.
 * @param account the account that the record is of
 */
export function refuseForeignAccount(
  account: unknown,
  settings: ConnectorSettings,
): RecordProblem | null {
  const { accountIds } = settings;
  if (!Array.isArray(accountIds) || accountIds.length === 0) return null;
  if (typeof account !== 'string' || account === '' || accountIds.includes(account)) return null;
  return {
    code: 'FOREIGN_ACCOUNT',
    message:
      "The record is of an AWS account that this connector does not take. Add the account to the connector's accountIds, or send its records with another connector's key.",
  };
}

/** The account whose trail a CloudTrail record is from; who acted may be of another one. */
export function cloudTrailAccount(record: JsonRecord): unknown {
  const identity = isRecord(record.userIdentity) ? record.userIdentity : {};
  return record.recipientAccountId ?? identity.accountId;
}
