/** Hand-written records in the shapes of Entra ID and Azure. Names, hosts and addresses are made up. */

type EntraRecord = Readonly<Record<string, unknown>>;

/** A sign-in as Graph gives it. */
export function aGraphSignIn(more: EntraRecord = {}): EntraRecord {
  return {
    id: '1f1d2a90-0000-4000-8000-000000000001',
    createdDateTime: '2026-01-31T12:00:00Z',
    userPrincipalName: 'ann@corp.example',
    userDisplayName: 'Ann Example',
    userId: '1f1d2a90-0000-4000-8000-000000000002',
    appId: '1f1d2a90-0000-4000-8000-000000000003',
    appDisplayName: 'Example Portal',
    ipAddress: '192.0.2.7',
    clientAppUsed: 'Browser',
    userAgent: 'ExampleBrowser/1.0',
    correlationId: '1f1d2a90-0000-4000-8000-000000000004',
    conditionalAccessStatus: 'success',
    authenticationRequirement: 'multiFactorAuthentication',
    authenticationProtocol: 'deviceCode',
    riskLevelDuringSignIn: 'none',
    riskLevelAggregated: 'none',
    riskState: 'none',
    resourceDisplayName: 'Example Storage',
    status: { errorCode: 0, failureReason: 'Other.' },
    deviceDetail: {
      deviceId: '',
      displayName: 'WS-ANN',
      operatingSystem: 'Windows 11',
      trustType: '',
    },
    location: { city: 'Springfield', countryOrRegion: 'US' },
    networkLocationDetails: [],
    ...more,
  };
}

/** The same as a diagnostic log. */
export function aDiagnosticSignIn(more: EntraRecord = {}): EntraRecord {
  return {
    time: '2026-01-31T12:00:30.0000000Z',
    resourceId: '/tenants/1f1d2a90-0000-4000-8000-000000000005/providers/Microsoft.aadiam',
    operationName: 'Sign-in activity',
    category: 'SignInLogs',
    tenantId: '1f1d2a90-0000-4000-8000-000000000005',
    resultType: '0',
    callerIpAddress: '192.0.2.7',
    identity: 'Ann Example',
    properties: aGraphSignIn(more),
  };
}

/** A role that was given, as Graph's directory audits tell it. */
export function aGraphAudit(more: EntraRecord = {}): EntraRecord {
  return {
    id: 'Directory_1f1d2a90_0001',
    category: 'RoleManagement',
    correlationId: '1f1d2a90-0000-4000-8000-000000000006',
    result: 'success',
    resultReason: '',
    activityDisplayName: 'Add member to role',
    activityDateTime: '2026-01-31T12:30:00.1234567Z',
    loggedByService: 'Core Directory',
    operationType: 'Assign',
    initiatedBy: {
      user: { id: 'u-1', userPrincipalName: 'ann@corp.example', ipAddress: '192.0.2.7' },
      app: null,
    },
    targetResources: [
      {
        id: 'u-2',
        type: 'User',
        userPrincipalName: 'bob@corp.example',
        modifiedProperties: [
          { displayName: 'Role.DisplayName', oldValue: null, newValue: '"Global Administrator"' },
        ],
      },
      { id: 'r-1', type: 'Role', displayName: 'Global Administrator', modifiedProperties: [] },
    ],
    additionalDetails: [{ key: 'AdditionalInfo', value: 'by hand' }],
    ...more,
  };
}

export function aDiagnosticAudit(more: EntraRecord = {}): EntraRecord {
  return {
    time: '2026-01-31T12:30:00.1234567Z',
    operationName: 'Add member to role',
    category: 'AuditLogs',
    tenantId: '1f1d2a90-0000-4000-8000-000000000005',
    callerIpAddress: '<null>',
    properties: aGraphAudit(more),
  };
}

export function aGraphCall(more: EntraRecord = {}): EntraRecord {
  return {
    time: '2026-01-31T13:00:00Z',
    operationName: 'Microsoft Graph Activity',
    category: 'MicrosoftGraphActivityLogs',
    callerIpAddress: '192.0.2.7',
    properties: {
      requestId: 'q-1',
      requestMethod: 'DELETE',
      requestUri: 'https://graph.example/v1.0/users/u-2',
      responseStatusCode: 403,
      userId: 'u-1',
      userAgent: 'azurehound/2.0',
    },
    ...more,
  };
}

export function aRisk(more: EntraRecord = {}): EntraRecord {
  return {
    id: 'risk-1',
    riskEventType: 'impossibleTravel',
    riskLevel: 'high',
    riskState: 'atRisk',
    activityDateTime: '2026-01-31T13:10:00Z',
    lastUpdatedDateTime: '2026-01-31T13:11:00Z',
    ipAddress: '198.51.100.4',
    userPrincipalName: 'ann@corp.example',
    ...more,
  };
}

export function anAzureOperation(more: EntraRecord = {}): EntraRecord {
  return {
    time: '2026-01-31T13:20:00Z',
    resourceId:
      '/SUBSCRIPTIONS/S-1/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM1',
    operationName: 'MICROSOFT.COMPUTE/VIRTUALMACHINES/DELETE',
    category: 'Administrative',
    resultType: 'Success',
    callerIpAddress: '192.0.2.7',
    identity: { claims: { upn: 'ann@corp.example' } },
    ...more,
  };
}
