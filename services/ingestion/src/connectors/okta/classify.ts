import type { Fields } from '@vedette/event-model';

import type { EventMeaning } from '../json-values.ts';

type Kind = readonly [classUid: number, activityId: number];

const account = 3001;
const authentication = 3002;
const access = 3005;
const group = 3006;
const api = 6003;
const finding = 2004;
const other = 99;

/** What Okta's event types mean, by their beginning: the longest row that an event type starts with counts. */
const kinds: Readonly<Record<string, Kind>> = {
  'user.session.start': [authentication, 1],
  'user.session.end': [authentication, 2],
  'user.session.clear': [authentication, 2],
  'user.session.expire': [authentication, 2],
  'user.session.access_admin_app': [authentication, 1],
  'user.session.impersonation': [authentication, 7],
  'user.session.context.change': [authentication, other],
  'user.authentication': [authentication, 1],
  'user.authentication.slo': [authentication, 2],
  'user.authentication.verify': [authentication, 6],
  'user.mfa.attempt_bypass': [authentication, other],
  'user.mfa.okta_verify.deny_push': [authentication, 1],
  'policy.evaluate_sign_on': [authentication, other],
  'app.oauth2.signon': [authentication, 1],

  'user.lifecycle': [account, other],
  'user.lifecycle.create': [account, 1],
  'user.lifecycle.activate': [account, 2],
  'user.lifecycle.reactivate': [account, 2],
  'user.lifecycle.unsuspend': [account, 2],
  'user.lifecycle.suspend': [account, 5],
  'user.lifecycle.deactivate': [account, 5],
  'user.lifecycle.delete': [account, 6],
  'user.account': [account, other],
  'user.account.update_password': [account, 3],
  'user.account.reset_password': [account, 4],
  'user.account.lock': [account, 9],
  'user.account.unlock': [account, 12],
  'user.account.access_super_user_app': [authentication, 1],
  'user.account.privilege.grant': [access, 1],
  'user.account.privilege.revoke': [access, 2],
  'user.account.report_suspicious_activity_by_enduser': [finding, 1],
  'user.credential': [account, other],
  'user.mfa.factor': [account, other],
  'user.mfa.factor.activate': [account, 10],
  'user.mfa.factor.unsuspend': [account, 10],
  'user.mfa.factor.deactivate': [account, 11],
  'user.mfa.factor.suspend': [account, 11],
  'user.mfa.factor.reset_all': [account, 11],

  'group.lifecycle.create': [group, 6],
  'group.lifecycle.delete': [group, 5],
  'group.lifecycle.update': [group, 9],
  'group.profile.update': [group, 9],
  'group.user_membership.add': [group, 3],
  'group.user_membership.remove': [group, 4],
  'group.privilege.grant': [group, 1],
  'group.privilege.revoke': [group, 2],

  'iam.resourceset.bindings.add': [access, 1],
  'iam.resourceset.bindings.delete': [access, 2],
  'application.user_membership.add': [access, 1],
  'application.user_membership.remove': [access, 2],
  'application.user_membership.provision': [access, 1],
  'application.user_membership.deprovision': [access, 2],
  'app.oauth2.as.consent.grant': [access, 1],
  'app.oauth2.as.consent.revoke': [access, 2],

  'security.threat.detected': [finding, 1],
  'security.attack.start': [finding, 1],
  'security.attack.end': [finding, 3],
  'security.breached_credential.detected': [finding, 1],
  'security.authenticator.lifecycle': [api, other],
  'user.risk.detect': [finding, 1],
  'user.risk.change': [finding, 2],
};

/** Activity of an API call by the last word of the event type. */
const verbs: Readonly<Record<string, number>> = {
  create: 1,
  add: 1,
  import: 1,
  generate: 1,
  read: 2,
  view: 2,
  list: 2,
  download: 2,
  export: 2,
  evaluate: 2,
  update: 3,
  change: 3,
  activate: 3,
  deactivate: 3,
  enable: 3,
  disable: 3,
  grant: 3,
  rotate: 3,
  assign: 3,
  unassign: 3,
  delete: 4,
  remove: 4,
  revoke: 4,
};

/** Okta's severity is about its own operation: a failed sign-in is a warning. */
const severities: Readonly<Record<string, number>> = { DEBUG: 1, INFO: 1, WARN: 2, ERROR: 3 };
const leastOfFinding = 3;

/** OCSF class, activity and severity of a system log event; class 0 for another shape. */
export function classify(fields: Fields): EventMeaning {
  const { eventType, severity } = fields;
  const isEvent = typeof eventType === 'string' && eventType.length <= 256;
  if (!isEvent || (fields.published ?? fields.uuid) === undefined) return [0, 0, 1];
  const own = ownNumber(severities, typeof severity === 'string' ? severity : '') ?? 1;
  const [classUid, activityId] = kindOf(eventType);
  return [classUid, activityId, classUid === finding ? Math.max(own, leastOfFinding) : own];
}

function kindOf(eventType: string): Kind {
  const words = eventType.split('.', 16);
  for (let length = words.length; length > 0; length -= 1) {
    const name = words.slice(0, length).join('.');
    if (Object.hasOwn(kinds, name)) return kinds[name] ?? [api, other];
  }
  return [api, ownNumber(verbs, words.at(-1) ?? '') ?? other];
}

function ownNumber(table: Readonly<Record<string, number>>, key: string): number | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
