import type { Fields } from '@vedette/event-model';

import { authentication, deviceState, dhcp, info, low, lower, medium, tunnel } from './verdict.ts';
import type { Line, Verdict } from './verdict.ts';

/** What the firewall tells of itself: who signed in, what was changed, tunnels, leases, its own state. */
export function classifyEvent(line: Line): Verdict {
  const { component, subtype, fields } = line;
  if (subtype === 'authentication' || /auth(?:entication|\.)/.test(component)) {
    return classifySignIn(line);
  }
  if (subtype === 'admin') {
    return signInWords.test(messageOf(fields)) ? classifySignIn(line) : classifyState(line);
  }
  if (/vpn|ipsec|\bred\b|l2tp|pptp/.test(component)) return classifyTunnel(line);
  return component.startsWith('dhcp') ? classifyLease(line) : classifyState(line);
}

const signInWords =
  /\blogged (?:in|out|on|off)\b|\bfailed to log ?in\b|\blog ?in (?:failed|attempt|success)|session timed out/;
const maxMessageLength = 2_048;

/** The message without what it quotes: names of users and rules are words of others. */
function messageOf({ message }: Fields): string {
  if (typeof message !== 'string' || message.length > maxMessageLength) return '';
  return message.replaceAll(/'[^']*'|"[^"]*"/g, ' ').toLowerCase();
}

function outcomeOf({ status }: Fields): Pick<Verdict, 'outcome'> {
  const word = lower(status);
  if (/fail|unsuccess|deny|denied/.test(word)) return { outcome: 'failure' };
  return /success|established|connected|terminated/.test(word) ? { outcome: 'success' } : {};
}

function classifySignIn({ fields }: Line): Verdict {
  const result = outcomeOf(fields);
  const isEnd =
    result.outcome !== 'failure' && /logged (?:out|off)|timed out/.test(messageOf(fields));
  const severityId = result.outcome === 'failure' ? low : info;
  return { classUid: authentication, activityId: isEnd ? 2 : 1, severityId, ...result };
}

function classifyTunnel({ fields }: Line): Verdict {
  const status = lower(fields.status);
  const isEnd = /terminat|disconnect|expire|down/.test(status);
  const isStart = !isEnd && /establish|connect|\bup\b/.test(status);
  const activityId = isEnd ? 2 : isStart ? 1 : 99;
  const result = outcomeOf(fields);
  return {
    classUid: tunnel,
    activityId,
    severityId: result.outcome === 'failure' ? low : info,
    ...result,
  };
}

function classifyLease({ fields }: Line): Verdict {
  const status = lower(fields.status);
  const activityId = status.includes('release') ? 7 : status.includes('expire') ? 9 : 5;
  return { classUid: dhcp, activityId, severityId: info };
}

/** The device's own state, and changes of its configuration. */
export function classifyState(line: Line): Verdict {
  const severityId = line.severityId === low ? info : low;
  return { classUid: deviceState, activityId: 1, severityId, ...outcomeOf(line.fields) };
}

/** A report of the endpoint's health that comes over the heartbeat. */
export function classifyHeartbeat(line: Line): Verdict {
  const health = lower(line.fields.hb_health ?? line.fields.ep_health);
  const severityId = health === 'red' ? medium : health === 'yellow' ? low : info;
  return { classUid: deviceState, activityId: 1, severityId };
}
