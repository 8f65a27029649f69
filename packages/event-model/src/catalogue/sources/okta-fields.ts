import { defineSourceFields } from '../field-entry.ts';

const source = 'okta';

/**
 * What Okta's names mean. `outcome`, `targetUser` and `targetGroup` are ours: Okta lists what an event was done to by
 * kind, and says in several words whether it was.
 */
export const oktaFields = [
  ...defineSourceFields(
    source,
    [3002],
    [
      ['actor.alternateId', 'user.name', 'user.name'],
      ['actor.displayName', 'user.full_name', 'user.full_name'],
      ['actor.id', 'user.uid', 'user.id'],
      ['actor.type', 'user.type', null],
      ['authenticationContext.externalSessionId', 'session.uid', null],
    ],
  ),
  ...defineSourceFields(
    source,
    [3001, 3005],
    [
      ['targetUser.alternateId', 'user.name', 'user.target.name'],
      ['targetUser.displayName', 'user.full_name', 'user.target.full_name'],
      ['targetUser.id', 'user.uid', 'user.target.id'],
    ],
  ),
  ...defineSourceFields(
    source,
    [3006],
    [
      ['targetGroup.displayName', 'group.name', 'group.name'],
      ['targetGroup.id', 'group.uid', 'group.id'],
      ['targetUser.alternateId', 'user.name', 'user.target.name'],
      ['targetUser.id', 'user.uid', 'user.target.id'],
    ],
  ),
  ...defineSourceFields(
    source,
    [6003],
    [
      ['eventType', 'api.operation', 'event.action'],
      ['debugContext.debugData.requestUri', 'http_request.url.path', 'url.path'],
    ],
  ),
  ...defineSourceFields(
    source,
    [2004],
    [
      ['uuid', 'finding_info.uid', 'event.id'],
      ['displayMessage', 'finding_info.title', 'message'],
      ['eventType', 'finding_info.analytic.uid', 'rule.name'],
      ['client.ipAddress', 'evidences.0.src_endpoint.ip', 'source.ip', 'ip'],
      ['actor.alternateId', 'evidences.0.actor.user.name', 'user.name'],
      ['actor.id', 'evidences.0.actor.user.uid', 'user.id'],
    ],
  ),
  ...defineSourceFields(
    source,
    [],
    [
      ['uuid', 'metadata.uid', 'event.id'],
      ['eventType', 'metadata.event_code', 'event.action'],
      ['displayMessage', 'message', 'message'],
      ['published', 'metadata.original_time', null],
      ['outcome', 'status', 'event.outcome'],
      ['outcome.result', 'status_code', null],
      ['outcome.reason', 'status_detail', 'event.reason'],
      ['actor.alternateId', 'actor.user.name', 'user.name'],
      ['actor.displayName', 'actor.user.full_name', 'user.full_name'],
      ['actor.id', 'actor.user.uid', 'user.id'],
      ['actor.type', 'actor.user.type', null],
      ['authenticationContext.externalSessionId', 'actor.session.uid', null],
      ['client.ipAddress', 'src_endpoint.ip', 'source.ip', 'ip'],
      ['client.geographicalContext.city', 'src_endpoint.location.city', 'source.geo.city_name'],
      [
        'client.geographicalContext.country',
        'src_endpoint.location.country',
        'source.geo.country_name',
      ],
      [
        'securityContext.asNumber',
        'src_endpoint.autonomous_system.number',
        'source.as.number',
        'integer',
      ],
      [
        'securityContext.asOrg',
        'src_endpoint.autonomous_system.name',
        'source.as.organization.name',
      ],
      ['securityContext.isp', 'src_endpoint.location.isp', null],
      ['client.userAgent.rawUserAgent', 'http_request.user_agent', 'user_agent.original'],
      ['client.userAgent.browser', null, 'user_agent.name'],
      ['client.userAgent.os', null, 'user_agent.os.name'],
      ['debugContext.debugData.requestId', 'http_request.uid', 'http.request.id'],
      ['transaction.id', null, 'transaction.id'],
      ['device.id', 'device.uid', 'device.id'],
      ['device.name', 'device.name', null],
      ['debugContext.debugData.requestUri', null, 'url.path'],
    ],
  ),
];
