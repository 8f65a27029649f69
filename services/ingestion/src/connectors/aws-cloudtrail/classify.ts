import type { Fields } from '@vedette/event-model';

import type { EventMeaning } from '../json-values.ts';

type Change = readonly [classUid: number, activityId: number];

const account = 3001;
const access = 3005;
const group = 3006;
const authentication = 3002;
const api = 6003;
const finding = 2004;
const other = 99;

/**
 * Changes to who may do what, by IAM's operation. OCSF's accounts are users and roles. Access keys, certificates and
 * tokens are ways in of an account that OCSF has no activity for: other.
 */
const iamChanges = new Map<string, Change>([
  ['CreateUser', [account, 1]],
  ['CreateRole', [account, 1]],
  ['CreateServiceLinkedRole', [account, 1]],
  ['DeleteUser', [account, 6]],
  ['DeleteRole', [account, 6]],
  ['DeleteServiceLinkedRole', [account, 6]],
  // A login profile is what lets a user sign in to the console.
  ['CreateLoginProfile', [account, 2]],
  ['DeleteLoginProfile', [account, 5]],
  ['UpdateLoginProfile', [account, 4]],
  ['ChangePassword', [account, 3]],
  ['EnableMFADevice', [account, 10]],
  ['DeactivateMFADevice', [account, 11]],
  ['AttachUserPolicy', [account, 7]],
  ['PutUserPolicy', [account, 7]],
  ['PutUserPermissionsBoundary', [account, 7]],
  ['DetachUserPolicy', [account, 8]],
  ['DeleteUserPolicy', [account, 8]],
  ['DeleteUserPermissionsBoundary', [account, 8]],
  ...[
    ...['UpdateUser', 'UpdateRole', 'UpdateRoleDescription', 'ResyncMFADevice'],
    ...['CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey', 'UploadSSHPublicKey'],
    ...['UploadSigningCertificate', 'CreateServiceSpecificCredential', 'CreateVirtualMFADevice'],
    ...['DeleteVirtualMFADevice', 'DeleteSSHPublicKey', 'ResetServiceSpecificCredential'],
  ].map((operation): [string, Change] => [operation, [account, other]]),
  ['AttachRolePolicy', [access, 1]],
  ['PutRolePolicy', [access, 1]],
  ['UpdateAssumeRolePolicy', [access, 1]],
  ['PutRolePermissionsBoundary', [access, 1]],
  ['AddRoleToInstanceProfile', [access, 1]],
  ['DetachRolePolicy', [access, 2]],
  ['DeleteRolePolicy', [access, 2]],
  ['DeleteRolePermissionsBoundary', [access, 2]],
  ['RemoveRoleFromInstanceProfile', [access, 2]],
  ['AttachGroupPolicy', [group, 1]],
  ['PutGroupPolicy', [group, 1]],
  ['DetachGroupPolicy', [group, 2]],
  ['DeleteGroupPolicy', [group, 2]],
  ['AddUserToGroup', [group, 3]],
  ['RemoveUserFromGroup', [group, 4]],
  ['DeleteGroup', [group, 5]],
  ['CreateGroup', [group, 6]],
  ['UpdateGroup', [group, 9]],
]);

/** Sign-ins to the console and by IAM Identity Center. */
const signIns = new Map<string, Change>([
  ['ConsoleLogin', [authentication, 1]],
  ['UserAuthentication', [authentication, 1]],
  ['CredentialVerification', [authentication, 6]],
  ['SwitchRole', [authentication, 7]],
  ['ExitRole', [authentication, 7]],
  ['Logout', [authentication, 2]],
  ['PasswordRecoveryRequested', [account, 4]],
  ['PasswordRecoveryCompleted', [account, 4]],
]);

/** Activity of an API call by the verb that its name begins with; the first row that fits counts. */
const verbs: readonly (readonly [activityId: number, verb: RegExp])[] = [
  [
    2,
    /^(Batch)?(Get|List|Describe|Head|Lookup|Search|Query|Scan|Select|View|Check|Validate|Read|Preview|Estimate|Simulate|Download|Filter)(?![a-z])/,
  ],
  [4, /^(Batch)?(Delete|Terminate|Deregister|Remove|Release|Purge|Cancel|Destroy|Drop)(?![a-z])/],
  [
    1,
    /^(Batch)?(Create|Run|Allocate|Register|Import|Add|Copy|Upload|Issue|Request|Purchase|Invite|Launch|Publish|Provision)(?![a-z])/,
  ],
  [
    3,
    /^(Batch)?(Update|Modify|Put|Set|Attach|Detach|Associate|Disassociate|Enable|Disable|Change|Tag|Untag|Replace|Reset|Reboot|Start|Stop|Restore|Rotate|Authorize|Revoke|Apply|Move|Edit|Configure|Suspend|Resume|Schedule|Promote|Accept|Reject|Share)(?![a-z])/,
  ],
];

/** Class, activity and severity of a CloudTrail record; class 0 for another shape. */
export function classify(fields: Fields): EventMeaning {
  const { eventName, eventSource, eventType } = fields;
  if (eventType === 'AwsCloudTrailInsight') {
    return [finding, fields['insightDetails.state'] === 'End' ? 3 : 1, 2];
  }
  if (typeof eventName !== 'string' || !isOfAws(eventSource, eventType)) return [0, 0, 1];
  const change =
    eventSource === 'signin.amazonaws.com'
      ? signIns.get(eventName)
      : eventSource === 'iam.amazonaws.com'
        ? iamChanges.get(eventName)
        : undefined;
  if (change !== undefined) return [...change, 1];
  return [api, activityOf(eventName, fields.readOnly), 1];
}

/** S3's notifications have an `eventName` too, and the source `aws:s3`. */
function isOfAws(eventSource: unknown, eventType: unknown): boolean {
  return (
    (typeof eventSource === 'string' && eventSource.includes('.amazonaws.com')) ||
    (typeof eventType === 'string' && eventType.startsWith('Aws'))
  );
}

function activityOf(eventName: string, readOnly: unknown): number {
  const row = verbs.find(([, verb]) => verb.test(eventName));
  if (row !== undefined) return row[0];
  return readOnly === true || readOnly === 'true' ? 2 : other;
}
