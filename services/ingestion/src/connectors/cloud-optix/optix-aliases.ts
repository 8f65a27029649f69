/**
 * The names under which an alert may tell a fact. Sophos publishes few of them, so the first name of a list that an
 * alert has counts, and a connector's settings may add names before these.
 */
export const optixAliases = {
  alertId: ['alertId', 'alert_id', 'alertID', 'id', 'uuid', 'event_service_event_id'],
  alertTime: [
    ...['alertTime', 'raisedAt', 'createdAt', 'created_at', 'createdTime', 'timestamp', 'time'],
    ...['eventTime', 'date', 'when'],
  ],
  updatedTime: ['updatedTime', 'updatedAt', 'updated_at', 'lastSeen', 'lastUpdated', 'modifiedAt'],
  alertType: ['alertType', 'alert_type', 'type', 'category', 'policyType', 'ruleType'],
  alertTitle: ['alertTitle', 'title', 'alertName', 'name', 'policyName', 'ruleName', 'summary'],
  alertDescription: ['alertDescription', 'alert_description', 'description', 'message'],
  severity: ['severity', 'alertSeverity', 'riskLevel', 'level', 'priority'],
  alertStatus: ['alertStatus', 'status', 'state', 'alertState'],
  accountId: [
    ...['accountId', 'account_id', 'accountID', 'cloudAccountId', 'subscriptionId', 'projectId'],
    ...['account.id', 'account'],
  ],
  provider: ['provider', 'cloudProvider', 'cloud_provider', 'cloud', 'providerType'],
  region: ['region', 'regionName', 'location', 'awsRegion'],
  resourceId: [
    ...['resourceId', 'resource_id', 'resourceID', 'resourceName', 'resource.id', 'resource.name'],
    ...['resource', 'assetId', 'affectedResource', 'affectedResources', 'affectedResources.id'],
  ],
  complianceTags: [
    ...['complianceTags', 'compliance', 'complianceStandards', 'compliance_tags', 'benchmarks'],
    ...['policyTags', 'tags'],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A fact of an alert, which is also the field's name in the event. */
export type OptixFact = keyof typeof optixAliases;

export const optixFacts = Object.keys(optixAliases) as readonly OptixFact[];
