import { defineSourceFields } from '../field-entry.ts';

const source = 'entra-id';

/** What records of every kind tell, by Graph's names. */
const envelope = defineSourceFields(
  source,
  [],
  [
    ['id', 'metadata.original_event_uid', 'event.id'],
    ['correlationId', 'metadata.correlation_uid', 'trace.id'],
    ['tenantId', 'metadata.tenant_uid', 'organization.id'],
    ['category', 'metadata.log_name', 'event.dataset'],
    ['operationName', 'metadata.event_code', 'event.action'],
    ['activityDisplayName', 'metadata.event_code', 'event.action'],
    ['loggedByService', 'metadata.log_provider', 'event.provider'],
    ['ipAddress', 'src_endpoint.ip', 'source.ip', 'ip'],
    ['ipPort', 'src_endpoint.port', 'source.port', 'integer'],
    ['userAgent', 'http_request.user_agent', 'user_agent.original'],
    ['status_id', 'status_id', null, 'integer'],
    ['Status', 'status', 'event.outcome'],
    ['resultReason', 'status_detail', 'event.reason'],
    ['initiatedBy.user.userPrincipalName', 'actor.user.name', 'user.name'],
    ['initiatedBy.user.id', 'actor.user.uid', 'user.id'],
    ['initiatedBy.app.displayName', 'actor.app_name', null],
  ],
);

const signIns = defineSourceFields(
  source,
  [3002],
  [
    ['userPrincipalName', 'user.name', 'user.name'],
    ['servicePrincipalName', 'user.name', 'user.name'],
    ['userId', 'user.uid', 'user.id'],
    ['servicePrincipalId', 'user.uid', 'user.id'],
    ['userDisplayName', 'user.full_name', 'user.full_name'],
    ['riskLevelDuringSignIn', 'user.risk_level', 'user.risk.static_level'],
    ['appDisplayName', 'service.name', 'service.name'],
    ['appId', 'service.uid', 'service.id'],
    ['resourceDisplayName', 'dst_endpoint.name', null],
    ['is_mfa', 'is_mfa', null, 'boolean'],
    ['ResultType', 'status_code', 'error.code'],
    ['ResultDescription', 'status_detail', 'error.message'],
    ['deviceDetail.displayName', 'device.hostname', 'host.name'],
    ['deviceDetail.deviceId', 'device.uid', 'host.id'],
    ['deviceDetail.operatingSystem', 'device.os.name', 'host.os.full'],
    ['location.city', 'src_endpoint.location.city', 'source.geo.city_name'],
    ['location.state', 'src_endpoint.location.region', 'source.geo.region_name'],
    ['location.countryOrRegion', 'src_endpoint.location.country', 'source.geo.country_iso_code'],
  ],
);

const audits = [
  ...defineSourceFields(
    source,
    [3001, 3005],
    [
      ['Target', 'user.name', 'user.target.name'],
      ['targetUserId', 'user.uid', 'user.target.id'],
    ],
  ),
  ...defineSourceFields(
    source,
    [3005],
    [['modifiedProperties.Role.DisplayName', 'privileges.0', null]],
  ),
  ...defineSourceFields(
    source,
    [3006],
    [
      ['modifiedProperties.Group.DisplayName', 'group.name', 'group.name'],
      ['modifiedProperties.Group.ObjectID', 'group.uid', 'group.id'],
      ['Target', 'user.name', 'user.target.name'],
      ['targetUserId', 'user.uid', 'user.target.id'],
    ],
  ),
  ...defineSourceFields(source, [3004], [['Target', 'entity.name', null]]),
];

const activity = defineSourceFields(
  source,
  [6003],
  [
    ['operationName', 'api.operation', 'event.action'],
    ['requestMethod', 'http_request.http_method', 'http.request.method'],
    ['requestUri', 'http_request.url.url_string', 'url.original'],
    ['responseStatusCode', 'http_response.code', 'http.response.status_code', 'integer'],
    ['userId', 'actor.user.uid', 'user.id'],
    ['caller', 'actor.user.name', 'user.name'],
    ['ResourceId', 'resources.0.uid', 'cloud.resource.id'],
  ],
);

const risks = defineSourceFields(
  source,
  [2004],
  [
    ['id', 'finding_info.uid', 'event.id'],
    ['riskEventType', 'finding_info.title', 'rule.name'],
    ['riskLevel', 'risk_level', 'log.level'],
    ['userPrincipalName', 'evidences.0.user.name', 'user.name'],
    ['userId', 'evidences.0.user.uid', 'user.id'],
    ['ipAddress', 'evidences.0.src_endpoint.ip', 'source.ip', 'ip'],
  ],
);

/** Entra ID's sign-ins, audits and risks, calls of Microsoft Graph, and Azure's activity log. */
export const entraIdFields = [...envelope, ...signIns, ...audits, ...activity, ...risks];
