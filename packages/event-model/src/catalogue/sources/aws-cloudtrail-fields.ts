import { defineSourceFields } from '../field-entry.ts';

const source = 'aws-cloudtrail';

/** What CloudTrail's names mean. `outcome` is ours: CloudTrail tells it by whether there is an error. */
export const awsCloudtrailFields = [
  // The identity is who signs in.
  ...defineSourceFields(
    source,
    [3002],
    [
      ['userIdentity.userName', 'user.name', 'user.name'],
      ['userIdentity.arn', 'user.uid', 'aws.cloudtrail.user_identity.arn'],
      ['userIdentity.principalId', 'user.uid_alt', 'user.id'],
      ['userIdentity.type', 'user.type', 'aws.cloudtrail.user_identity.type'],
      ['userIdentity.accountId', 'user.account.uid', null],
      ['errorMessage', 'status_detail', 'error.message'],
    ],
  ),
  ...defineSourceFields(
    source,
    [3001],
    [
      ['requestParameters.userName', 'user.name', 'user.target.name'],
      ['requestParameters.roleName', 'user.name', 'user.target.name'],
      ['responseElements.user.userId', 'user.uid', 'user.target.id'],
      ['responseElements.role.roleId', 'user.uid', 'user.target.id'],
      ['requestParameters.policyArn', 'policy.uid', null],
      ['requestParameters.policyName', 'policy.name', null],
    ],
  ),
  ...defineSourceFields(
    source,
    [3005],
    [
      ['requestParameters.roleName', 'user.name', 'user.target.name'],
      ['requestParameters.policyArn', 'privileges.0', null],
      ['requestParameters.policyName', 'privileges.0', null],
    ],
  ),
  ...defineSourceFields(
    source,
    [3006],
    [
      ['requestParameters.groupName', 'group.name', 'group.name'],
      ['responseElements.group.groupId', 'group.uid', 'group.id'],
      ['requestParameters.userName', 'user.name', 'user.target.name'],
      ['requestParameters.policyArn', 'privileges.0', null],
      ['requestParameters.policyName', 'privileges.0', null],
    ],
  ),
  ...defineSourceFields(
    source,
    [2004],
    [
      ['sharedEventID', 'finding_info.uid', 'event.id'],
      ['insightDetails.insightType', 'finding_info.title', 'rule.name'],
      ['insightDetails.eventName', 'evidences.0.api.operation', 'event.action'],
      ['insightDetails.eventSource', 'evidences.0.api.service.name', 'event.provider'],
      ['eventID', 'metadata.uid', null],
    ],
  ),
  ...defineSourceFields(
    source,
    [],
    [
      ['eventID', 'metadata.uid', 'event.id'],
      ['eventTime', 'metadata.original_time', null],
      ['eventType', 'metadata.event_code', 'event.code'],
      ['eventName', 'api.operation', 'event.action'],
      ['eventSource', 'api.service.name', 'event.provider'],
      ['apiVersion', 'api.version', null],
      ['requestID', 'api.request.uid', 'http.request.id'],
      ['requestParameters', 'api.request.data', 'aws.cloudtrail.request_parameters'],
      ['responseElements', 'api.response.data', 'aws.cloudtrail.response_elements'],
      ['errorCode', 'api.response.error', 'error.code'],
      ['errorMessage', 'api.response.error_message', 'error.message'],
      ['outcome', 'status', 'event.outcome'],
      ['awsRegion', 'cloud.region', 'cloud.region'],
      ['recipientAccountId', 'cloud.account.uid', 'cloud.account.id'],
      ['sourceIPAddress', 'src_endpoint.ip', 'source.ip', 'ip'],
      ['vpcEndpointId', 'src_endpoint.uid', null],
      ['userAgent', 'http_request.user_agent', 'user_agent.original'],
      ['userIdentity.userName', 'actor.user.name', 'user.name'],
      ['userIdentity.arn', 'actor.user.uid', 'aws.cloudtrail.user_identity.arn'],
      ['userIdentity.principalId', 'actor.user.uid_alt', 'user.id'],
      ['userIdentity.type', 'actor.user.type', 'aws.cloudtrail.user_identity.type'],
      ['userIdentity.accountId', 'actor.user.account.uid', null],
      [
        'userIdentity.accessKeyId',
        'actor.user.credential_uid',
        'aws.cloudtrail.user_identity.access_key_id',
      ],
      ['userIdentity.invokedBy', 'actor.invoked_by', null],
      ['userIdentity.sessionContext.sessionIssuer.arn', 'actor.session.issuer', null],
      [
        'userIdentity.sessionContext.attributes.mfaAuthenticated',
        'actor.session.is_mfa',
        null,
        'boolean',
      ],
      [
        'userIdentity.sessionContext.attributes.creationDate',
        'actor.session.created_time',
        null,
        'time',
      ],
      ['requestParameters.instanceId', null, 'cloud.instance.id'],
      ['tlsDetails.tlsVersion', null, 'tls.version'],
      ['tlsDetails.cipherSuite', null, 'tls.cipher'],
    ],
  ),
];
