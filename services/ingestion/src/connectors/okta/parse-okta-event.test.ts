import { toEcs, toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { okta } from './okta.ts';
import { parseOktaEvent } from './parse-okta-event.ts';

const receivedAt = Date.UTC(2026, 1, 1);
type Json = Readonly<Record<string, unknown>>;

/** A sign-in; names and addresses are made up. */
function anEvent(more: Json = {}): Json {
  return {
    uuid: 'c0ffee00-0000-4000-8000-000000000001',
    published: '2026-01-31T12:00:00.250Z',
    eventType: 'user.session.start',
    version: '0',
    severity: 'INFO',
    displayMessage: 'User login to Okta',
    actor: { id: '00u1', type: 'User', alternateId: 'ann@corp.example', displayName: 'Ann' },
    client: {
      ipAddress: '198.51.100.7',
      userAgent: { rawUserAgent: 'Mozilla/5.0', os: 'Linux', browser: 'FIREFOX' },
      geographicalContext: { city: 'Linz', country: 'Austria' },
    },
    outcome: { result: 'SUCCESS', reason: null },
    securityContext: { isProxy: false, asNumber: 64500, asOrg: 'Example Net' },
    authenticationContext: { externalSessionId: 's1' },
    debugContext: { debugData: { requestUri: '/api/v1/authn' } },
    target: [{ id: 'a1', type: 'AppInstance', alternateId: 'x', displayName: 'Console' }],
    ...more,
  };
}

function parse(record: Json) {
  return parseOktaEvent(record, receivedAt);
}

describe("an event of Okta's system log", () => {
  it('is a sign-in with its own time, reference and user', () => {
    expect(parse(anEvent())).toMatchObject({
      source: 'okta',
      occurredAt: Date.UTC(2026, 0, 31, 12, 0, 0, 250),
      classUid: 3002,
      activityId: 1,
      severityId: 1,
      sourceRef: 'c0ffee00-0000-4000-8000-000000000001',
      userName: 'ann@corp.example',
    });
  });

  it('keeps its names, dotted, and has those that older rules write in lower case', () => {
    expect({ ...parse(anEvent()).fields }).toMatchObject({
      eventType: 'user.session.start',
      eventtype: 'user.session.start',
      displaymessage: 'User login to Okta',
      'securityContext.isProxy': false,
      'target.displayName': 'Console',
      'debugContext.debugData.requestUri': '/api/v1/authn',
    });
  });

  it('is one in OCSF and ECS with outcome, address and user', () => {
    const failed = parse(
      anEvent({ outcome: { result: 'FAILURE', reason: 'INVALID_CREDENTIALS' }, severity: 'WARN' }),
    );
    expect(failed.severityId).toBe(2);
    expect(toOcsf(failed)).toMatchObject({
      class_uid: 3002,
      status_id: 2,
      status_detail: 'INVALID_CREDENTIALS',
      user: { name: 'ann@corp.example', full_name: 'Ann', uid: '00u1' },
      src_endpoint: { ip: '198.51.100.7', location: { city: 'Linz' } },
      session: { uid: 's1' },
    });
    expect(toEcs(failed)).toMatchObject({
      event: { outcome: 'failure', action: 'user.session.start' },
      source: { ip: '198.51.100.7', as: { number: 64500 } },
      user: { name: 'ann@corp.example' },
    });
  });

  it('has no outcome where Okta only asked or let something wait', () => {
    const asked = parse(anEvent({ outcome: { result: 'CHALLENGE' } }));
    expect(asked.fields.outcome).toBeUndefined();
    expect(toOcsf(asked)).not.toHaveProperty('status_id');
  });

  it.each([
    ['user.session.end', 3002, 2],
    ['user.authentication.auth_via_mfa', 3002, 1],
    ['user.session.impersonation.grant', 3002, 7],
    ['policy.evaluate_sign_on', 3002, 99],
    ['user.lifecycle.create', 3001, 1],
    ['user.lifecycle.delete.completed', 3001, 6],
    ['user.account.lock.limit', 3001, 9],
    ['user.account.update_profile', 3001, 99],
    ['user.mfa.factor.reset_all', 3001, 11],
    ['user.account.privilege.grant', 3005, 1],
    ['iam.resourceset.bindings.add', 3005, 1],
    ['application.user_membership.remove', 3005, 2],
    ['group.user_membership.add', 3006, 3],
    ['group.privilege.grant', 3006, 1],
    ['policy.lifecycle.update', 6003, 3],
    ['zone.delete', 6003, 4],
    ['system.api_token.create', 6003, 1],
    ['system.something.new', 6003, 99],
    ['constructor', 6003, 99],
  ])('of type %s is of class %i and activity %i', (eventType, classUid, activityId) => {
    expect(parse(anEvent({ eventType }))).toMatchObject({ classUid, activityId });
  });

  it('about a threat is a finding of medium severity or more', () => {
    const event = parse(anEvent({ eventType: 'security.threat.detected' }));
    expect(event).toMatchObject({ classUid: 2004, activityId: 1, severityId: 3 });
    expect(toOcsf(event)).toMatchObject({ finding_info: { title: 'User login to Okta' } });
  });

  it('tells who was changed, and in which group, apart from who changed', () => {
    const target = [
      { id: '00u2', type: 'User', alternateId: 'bob@corp.example', displayName: 'Bob' },
      { id: '00g1', type: 'UserGroup', alternateId: 'unknown', displayName: 'Admins' },
    ];
    const added = parse(anEvent({ eventType: 'group.user_membership.add', target }));
    expect(toOcsf(added)).toMatchObject({
      group: { name: 'Admins', uid: '00g1' },
      user: { name: 'bob@corp.example' },
      actor: { user: { name: 'ann@corp.example' } },
    });
    const created = parse(anEvent({ eventType: 'user.lifecycle.create', target }));
    expect(toEcs(created)).toMatchObject({
      user: { name: 'ann@corp.example', target: { name: 'bob@corp.example' } },
    });
  });

  it('arrives alone, in an event hook, or in EventBridge', () => {
    expect(okta.unwrap?.(anEvent())).toBeNull();
    const hook = { eventType: 'com.okta.event_hook', data: { events: [anEvent(), anEvent()] } };
    expect(okta.unwrap?.(hook)).toEqual([anEvent(), anEvent()]);
    expect(okta.unwrap?.({ 'detail-type': 'SystemLog', detail: anEvent() })).toEqual([anEvent()]);
  });

  it('of another shape is unmapped', () => {
    expect(parse({ eventType: 7 })).toMatchObject({ classUid: 0, occurredAt: receivedAt });
    expect(parse({ eventType: 'user.session.start' }).classUid).toBe(0);
  });
});
