import { toEcs, toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { entraId } from './entra-id.ts';
import { parseEntraRecord } from './parse-entra-record.ts';
import {
  aDiagnosticAudit,
  aDiagnosticSignIn,
  aGraphAudit,
  aGraphCall,
  aGraphSignIn,
  anAzureOperation,
  aRisk,
} from './testing/entra-records.ts';

const receivedAt = Date.UTC(2026, 1, 1);

function parse(record: Readonly<Record<string, unknown>>) {
  return parseEntraRecord(record, receivedAt);
}

describe.each([
  ['Graph', aGraphSignIn],
  ['a diagnostic log', aDiagnosticSignIn],
])('a sign-in as %s tells it', (_shape, aSignIn) => {
  it('has user, address, device, second factor and outcome, at the time it happened', () => {
    const event = parse(aSignIn());
    expect(event).toMatchObject({
      source: 'entra-id',
      classUid: 3002,
      activityId: 1,
      severityId: 1,
      occurredAt: Date.UTC(2026, 0, 31, 12),
      sourceRef: '1f1d2a90-0000-4000-8000-000000000001',
      hostname: 'WS-ANN',
      userName: 'ann@corp.example',
    });
    expect(toOcsf(event)).toMatchObject({
      status_id: 1,
      is_mfa: true,
      src_endpoint: { ip: '192.0.2.7', location: { city: 'Springfield' } },
      user: { name: 'ann@corp.example', full_name: 'Ann Example' },
      service: { name: 'Example Portal' },
    });
  });

  it('that failed has the code and the reason', () => {
    const status = { errorCode: 50126, failureReason: 'Invalid username or password.' };
    const event = parse(
      aSignIn({ status, authenticationRequirement: 'singleFactorAuthentication' }),
    );
    expect(toOcsf(event)).toMatchObject({
      status_id: 2,
      status_code: '50126',
      status_detail: 'Invalid username or password.',
      is_mfa: false,
    });
  });

  it('at risk has the severity of the risk', () => {
    expect(parse(aSignIn({ riskLevelDuringSignIn: 'medium' })).severityId).toBe(3);
    expect(parse(aSignIn({ riskState: 'confirmedCompromised' })).severityId).toBe(4);
  });

  it('has the names that rules for sign-in logs use', () => {
    expect(parse(aSignIn()).fields).toMatchObject({
      ResultType: 0,
      Status: 'success',
      ActivityDetails: 'Sign-ins',
      AuthenticationRequirement: 'multiFactorAuthentication',
      ConditionalAccessStatus: 'success',
      ResourceDisplayName: 'Example Storage',
      ClientApp: 'Browser',
      NetworkLocationDetails: '[]',
      'DeviceDetail.trusttype': '',
      'DeviceDetail.deviceId': '',
      'properties.message': 'Device Code',
    });
  });
});

describe('a sign-in of a service principal', () => {
  it('has its name, and no address where an id stands in its place', () => {
    const event = parse({
      ...aDiagnosticSignIn({
        userId: null,
        userPrincipalName: null,
        userDisplayName: null,
        servicePrincipalName: 'backup-app',
        ipAddress: '1f1d2a90-0000-4000-8000-000000000009',
      }),
      category: 'ServicePrincipalSignInLogs',
      identity: '',
      callerIpAddress: null,
    });
    expect(event).toMatchObject({ classUid: 3002, userName: 'backup-app' });
    expect(toOcsf(event)).not.toHaveProperty('src_endpoint.ip');
  });
});

describe.each([
  ['Graph', aGraphAudit],
  ['a diagnostic log', aDiagnosticAudit],
])('an audit as %s tells it', (_shape, anAudit) => {
  it('of a role that was given has who gave it to whom, and which', () => {
    const event = parse(anAudit());
    expect(event).toMatchObject({
      classUid: 3005,
      activityId: 1,
      severityId: 3,
      occurredAt: Date.UTC(2026, 0, 31, 12, 30, 0, 123),
      sourceRef: 'Directory_1f1d2a90_0001',
      userName: 'ann@corp.example',
    });
    expect(toOcsf(event)).toMatchObject({
      actor: { user: { name: 'ann@corp.example' } },
      user: { name: 'bob@corp.example', uid: 'u-2' },
      privileges: ['Global Administrator'],
      src_endpoint: { ip: '192.0.2.7' },
      status_id: 1,
    });
  });

  it('has the names that rules for audit logs use', () => {
    expect(parse(anAudit()).fields).toMatchObject({
      OperationName: 'Add member to role',
      operationName: 'Add member to role',
      ActivityDisplayName: 'Add member to role',
      Category: 'RoleManagement',
      LoggedByService: 'Core Directory',
      Status: 'success',
      Initiatedby: 'ann@corp.example',
      Target: 'bob@corp.example',
      'additionalDetails.additionalInfo': 'by hand',
      'targetResources.type': ['User', 'Role'],
      'TargetResources.ModifiedProperties.NewValue': ['"Global Administrator"'],
      'properties.message': [
        'Add member to role',
        '"displayName":"Role.DisplayName","oldValue":null,"newValue":"\\"Global Administrator\\""',
      ],
    });
    expect(parse(anAudit()).fields.TargetResources).toContain('Global Administrator');
  });

  it('of a device names the device, and by an app names the app', () => {
    const event = parse(
      anAudit({
        activityDisplayName: 'Add device',
        initiatedBy: { app: { displayName: 'Registration' } },
        targetResources: [{ type: 'Device', displayName: 'WS-NEW', id: 'd-1' }],
      }),
    );
    expect(event).toMatchObject({
      classUid: 3004,
      activityId: 1,
      hostname: 'WS-NEW',
      userName: 'Registration',
    });
  });

  it.each([
    ['Add user', [3001, 1]],
    ['Delete user', [3001, 6]],
    ['Change user password', [3001, 3]],
    ['Update StsRefreshTokenValidFrom Timestamp', [3001, 99]],
    ['User registered security info', [3001, 10]],
    ['Add member to group', [3006, 3]],
    ['Remove member from group', [3006, 4]],
    ['Update group', [3006, 99]],
    ['Consent to application', [3005, 1]],
    ['Remove eligible member from role in PIM completed (permanent)', [3005, 2]],
    ['Update application – Certificates and secrets management', [3004, 3]],
    ['Remove unverified domain', [3004, 4]],
    ['Delete conditional access policy', [3004, 4]],
    ['Teapot', [3004, 99]],
  ])('%s means %j', (activityDisplayName, [classUid, activityId]) => {
    expect(parse(anAudit({ activityDisplayName }))).toMatchObject({ classUid, activityId });
  });

  it('that failed is a failure with its reason', () => {
    const event = parse(anAudit({ result: 'failure', resultReason: 'Denied.' }));
    expect(toEcs(event)).toMatchObject({ event: { outcome: 'failure', reason: 'Denied.' } });
  });
});

describe('other logs', () => {
  it('of Graph calls have method, address and answer', () => {
    const event = parse(aGraphCall());
    expect(event).toMatchObject({ classUid: 6003, activityId: 4, sourceRef: 'q-1' });
    expect(toEcs(event)).toMatchObject({
      http: { request: { method: 'DELETE' }, response: { status_code: 403 } },
      source: { ip: '192.0.2.7' },
    });
    expect(event.fields.status_id).toBe(2);
  });

  it('of risks are findings, new when their state changes', () => {
    const event = parse(aRisk());
    expect(event).toMatchObject({ classUid: 2004, severityId: 4, userName: 'ann@corp.example' });
    expect(event.fields.riskEventType).toBe('impossibleTravel');
    expect(parse(aRisk({ lastUpdatedDateTime: '2026-01-31T14:00:00Z' })).sourceRef).not.toBe(
      event.sourceRef,
    );
  });

  it('of privileged roles are findings by the type of the incident', () => {
    const type = '#microsoft.graph.noMfaOnRoleActivationAlertIncident';
    const event = parse({
      '@odata.type': type,
      id: 'i-1',
      assigneeUserPrincipalName: 'ann@corp.example',
    });
    expect(event).toMatchObject({ classUid: 2004, userName: 'ann@corp.example' });
    expect(event.fields.riskEventType).toBe('noMfaOnRoleActivationAlertIncident');
  });

  it('of Azure are API calls by the verb of the operation', () => {
    const event = parse(anAzureOperation());
    expect(event).toMatchObject({ classUid: 6003, activityId: 4, userName: 'ann@corp.example' });
    expect(event.fields).toMatchObject({
      CategoryValue: 'Administrative',
      OperationNameValue: 'MICROSOFT.COMPUTE/VIRTUALMACHINES/DELETE',
      ResourceProviderValue: 'MICROSOFT.COMPUTE',
      status_id: 1,
    });
  });

  it('come in lists under value or records, and unknown ones are unmapped', () => {
    expect(entraId.unwrap?.({ value: [aGraphSignIn()] })).toHaveLength(1);
    expect(entraId.unwrap?.({ records: [aDiagnosticAudit(), 3] })).toHaveLength(1);
    expect(entraId.unwrap?.(aGraphSignIn())).toBeNull();
    expect(parse({ teapot: true })).toMatchObject({ classUid: 0, occurredAt: receivedAt });
  });

  it('of Log Analytics have capitals and JSON in text', () => {
    const { initiatedBy, targetResources } = aGraphAudit();
    const event = parse({
      TimeGenerated: '2026-01-31T12:30:00Z',
      Type: 'AuditLogs',
      Id: 'Directory_2',
      ActivityDateTime: '2026-01-31T12:30:00Z',
      ActivityDisplayName: 'Update application',
      LoggedByService: 'Core Directory',
      Result: 'success',
      InitiatedBy: JSON.stringify(initiatedBy),
      TargetResources: JSON.stringify(targetResources),
    });
    expect(event).toMatchObject({
      classUid: 3004,
      sourceRef: 'Directory_2',
      userName: 'ann@corp.example',
    });
    expect(toOcsf(event)).toMatchObject({ status_id: 1, src_endpoint: { ip: '192.0.2.7' } });
  });
});
