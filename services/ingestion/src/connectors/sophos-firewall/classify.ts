import type { Fields } from '@vedette/event-model';

import { classifyEvent, classifyHeartbeat, classifyState } from './classify-event.ts';
import { classifyUtm } from './classify-utm.ts';
import {
  alerted,
  allowed,
  blocked,
  detected,
  email,
  finding,
  ftp,
  high,
  info,
  low,
  lower,
  medium,
  methodOf,
  network,
  quarantined,
  web,
} from './verdict.ts';
import type { Line, Verdict } from './verdict.ts';

/** What the subtype says was done; other subtypes say nothing of it. */
const dispositions: Readonly<Record<string, number>> = {
  allowed,
  clean: allowed,
  accepted: allowed,
  decrypt: allowed,
  'do not decrypt': allowed,
  denied: blocked,
  drop: blocked,
  dropped: blocked,
  reject: blocked,
  blocked,
  virus: blocked,
  pua: blocked,
  quarantine: quarantined,
  quarantined,
  detect: detected,
  alert: alerted,
  warned: alerted,
};

/** The first two digits of `log_id`, where a line does not name its type. */
const typesById: Readonly<Record<string, string>> = {
  '01': 'firewall',
  '02': 'idp',
  '03': 'anti-virus',
  '04': 'anti-spam',
  '05': 'content filtering',
  '06': 'event',
  '07': 'waf',
  '08': 'atp',
  '09': 'system health',
  '10': 'wireless protection',
  '13': 'sandbox',
  '15': 'sd-wan',
};

/** By type in lower case. */
const classifiers: Readonly<Record<string, (line: Line) => Verdict>> = {
  firewall: classifyTraffic,
  idp: classifyIntrusion,
  ips: classifyIntrusion,
  atp: classifyThreat,
  'active threat response': classifyThreat,
  'anti-virus': classifyVirus,
  sandbox: classifySandbox,
  'zero-day protection': classifySandbox,
  'content filtering': classifyContent,
  'ssl/tls inspection': classifyContent,
  ssl: classifyContent,
  waf: classifyApplicationFirewall,
  event: classifyEvent,
  heartbeat: classifyHeartbeat,
  'anti-spam': (line) => ({ ...line, classUid: email, activityId: 3, severityId: info }),
  'system health': classifyState,
  'wireless protection': classifyState,
  wireless: classifyState,
  'sd-wan': classifyState,
};

/** The meaning of a line by its type, component and subtype; class 0 where the type is unknown. */
export function classify(fields: Fields): Verdict {
  if (fields.sys === 'SecureNet') return classifyUtm(fields);
  const classifier = classifiers[typeOf(fields)];
  if (classifier === undefined) return { classUid: 0, activityId: 0, severityId: info };
  const subtype = lower(fields.log_subtype);
  const { classUid, activityId, severityId, dispositionId, outcome } = classifier({
    fields,
    component: lower(fields.log_component),
    subtype,
    severityId: severityOf(fields),
    dispositionId: Object.hasOwn(dispositions, subtype) ? dispositions[subtype] : undefined,
  });
  return {
    ...{ classUid, activityId, severityId },
    ...(dispositionId !== undefined && { dispositionId }),
    ...(outcome !== undefined && { outcome }),
  };
}

function typeOf({ log_type: type, log_id: id }: Fields): string {
  const name = lower(type);
  if (Object.hasOwn(classifiers, name)) return name;
  const byId = name === '' && typeof id === 'string' && id.length === 12 ? id.slice(0, 2) : '';
  return Object.hasOwn(typesById, byId) ? (typesById[byId] ?? '') : '';
}

const severities: Readonly<Record<string, number>> = {
  emergency: high,
  alert: high,
  critical: high,
  error: medium,
  warning: medium,
};

function severityOf({ priority, severity }: Fields): number {
  const word = lower(priority ?? severity);
  return Object.hasOwn(severities, word) ? (severities[word] ?? low) : low;
}

/** A connection's beginning, end, refusal, or a count in between. */
function trafficActivity({ fields, dispositionId }: Line): number {
  if (dispositionId === blocked) return 5;
  const event = lower(fields.connevent ?? fields.con_event);
  if (event === 'start') return 1;
  return event === 'stop' ? 2 : 6;
}

function classifyTraffic(line: Line): Verdict {
  const { fields, component, dispositionId } = line;
  if (component === 'dos attack') {
    return { ...line, classUid: finding, activityId: 1, severityId: medium };
  }
  // A host that lost its access because its endpoint protection is red.
  const isRed = component === 'heartbeat' && lower(fields.hb_health ?? fields.hb_status) === 'red';
  const activityId = trafficActivity(line);
  return { classUid: network, activityId, severityId: isRed ? medium : info, ...at(dispositionId) };
}

function at(dispositionId: number | undefined): Pick<Verdict, 'dispositionId'> {
  return dispositionId === undefined ? {} : { dispositionId };
}

/** The signature's own priority, 1 being the worst, before the device's word. */
function classifyIntrusion(line: Line): Verdict {
  const priority = Number(line.fields.rule_priority);
  const own = priority >= 1 ? Math.max(low, high + 1 - priority) : line.severityId;
  return { ...line, classUid: finding, activityId: 1, severityId: own };
}

function classifyThreat(line: Line): Verdict {
  return { ...line, classUid: finding, activityId: 1, severityId: high };
}

function protocolClass(component: string): number {
  if (/smtp|pop|imap|mail/.test(component)) return email;
  return component.includes('ftp') ? ftp : web;
}

function classifyVirus(line: Line): Verdict {
  const { component, subtype, dispositionId } = line;
  if (subtype === 'virus' || subtype === 'pua' || dispositionId === blocked) {
    const severityId = subtype === 'pua' ? medium : high;
    return { ...line, classUid: finding, activityId: 1, severityId };
  }
  return contentVerdict(line, protocolClass(component));
}

function classifySandbox(line: Line): Verdict {
  if (line.dispositionId === blocked) {
    return { ...line, classUid: finding, activityId: 1, severityId: high };
  }
  return contentVerdict(line, protocolClass(line.component));
}

function contentVerdict(line: Line, classUid: number): Verdict {
  const activityId = classUid === email ? 3 : classUid === web ? methodOf(line.fields) : 0;
  return { ...line, classUid, activityId, severityId: line.dispositionId === blocked ? low : info };
}

function classifyContent(line: Line): Verdict {
  if (line.component !== 'application') return contentVerdict(line, web);
  const activityId = trafficActivity(line);
  return {
    ...line,
    ...{ classUid: network, activityId, severityId: activityId === 5 ? low : info },
  };
}

/** A request to a web server behind the firewall. It was blocked where there is a reason and 403 was answered. */
function classifyApplicationFirewall(line: Line): Verdict {
  const { fields } = line;
  const reason = lower(fields.reason);
  const status = fields.httpstatus ?? fields.http_status ?? fields.status_code;
  const dispositionId = reason !== '' && String(status) === '403' ? blocked : allowed;
  if (/anomaly|antivirus|anti-virus/.test(reason)) {
    const severityId = reason.includes('anomaly') ? medium : high;
    return { classUid: finding, activityId: 1, severityId, dispositionId };
  }
  const severityId = dispositionId === blocked ? low : info;
  return { classUid: web, activityId: methodOf(fields), severityId, dispositionId };
}
