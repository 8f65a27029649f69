import type { Fields, FieldValue } from '@vedette/event-model';

import type { EventMeaning } from '../json-values.ts';

const network = 4001;
const web = 4002;
const dns = 4003;
const dhcp = 4004;
const rdp = 4005;
const smb = 4006;
const ssh = 4007;
const ftp = 4008;
const email = 4009;
const tunnel = 4014;
const authentication = 3002;
const finding = 2004;
const deviceState = 5019;
const inventory = 5001;
const software = 5020;

const traffic = 6;
const other = 99;
const info = 1;

type Kind = readonly [classUid: number, activityId: number];

/** Classes by log, and the activity where it does not depend on the record. */
const kinds: Readonly<Record<string, Kind>> = {
  conn: [network, traffic],
  http: [web, other],
  dns: [dns, traffic],
  dhcp: [dhcp, other],
  rdp: [rdp, traffic],
  smb_files: [smb, other],
  smb_mapping: [smb, other],
  smb_cmd: [smb, other],
  ssh: [ssh, traffic],
  ftp: [ftp, other],
  smtp: [email, 4],
  tunnel: [tunnel, other],
  kerberos: [authentication, other],
  ntlm: [authentication, 1],
  radius: [authentication, 1],
  notice: [finding, 1],
  intel: [finding, 1],
  signatures: [finding, 1],
  files: [network, traffic],
  // Things that the sensor looks up or looks into, in connections that their own logs tell of.
  ...{ x509: [network, other], pe: [network, other], ocsp: [network, other] },
  ...{ known_hosts: [inventory, 2], known_services: [inventory, 2], known_certs: [inventory, 2] },
  ...{ known_devices: [inventory, 2], software: [software, 2] },
  // The sensor about itself.
  ...{ stats: [deviceState, 1], capture_loss: [deviceState, 1], reporter: [deviceState, 1] },
  ...{ broker: [deviceState, 1], cluster: [deviceState, 1], packet_filter: [deviceState, 1] },
  ...{ loaded_scripts: [deviceState, 1], print: [deviceState, 1], telemetry: [deviceState, 1] },
  ...{ config: [deviceState, 1], analyzer: [deviceState, 1] },
  // Odd, but in such numbers that they are traffic, not findings.
  ...{ weird: [network, other], weird_stats: [deviceState, 1], dpd: [network, other] },
};

/**
 * OCSF class, activity and severity of a record by its log. A log that is not listed is traffic where it is of a
 * connection, else class 0.
 */
export function classify(fields: Fields): EventMeaning {
  const { _path: path } = fields;
  if (typeof path !== 'string' || path === '') return [0, 0, info];
  const known = Object.hasOwn(kinds, path) ? kinds[path] : undefined;
  if (known === undefined)
    return fields['id.orig_h'] === undefined ? [0, 0, info] : [network, traffic, info];
  const [classUid, activityId] = known;
  if (path === 'files') return [classOfFile(fields), other, info];
  const own = Object.hasOwn(activities, path) ? activities[path] : undefined;
  return [classUid, own?.(fields) ?? activityId, severityOf(path, fields)];
}

/** A file belongs to the protocol that carried it. */
function classOfFile({ source }: Fields): number {
  switch (source) {
    case 'HTTP':
      return web;
    case 'SMB':
      return smb;
    case 'FTP_DATA':
      return ftp;
    case 'SMTP':
      return email;
    default:
      return network;
  }
}

/** Activities that the record decides; undefined where it does not. */
const activities: Readonly<Record<string, (fields: Fields) => number | undefined>> = {
  conn: ({ conn_state: state }) => lookUp(connectionStates, state),
  http: ({ method }) => (method === undefined ? 0 : lookUp(methods, method)),
  // Without an answer only the question was seen.
  dns: ({ rcode, rcode_name: name, answers }) =>
    (rcode ?? name ?? answers) === undefined ? 1 : traffic,
  dhcp: ({ msg_types: types }) =>
    lookUp(leases, Array.isArray(types) ? (types.at(-1) as FieldValue) : types),
  smb_files: ({ action }) => (action === 'SMB::FILE_OPEN' ? 2 : undefined),
  ftp: ({ command }) => lookUp(ftpCommands, command),
  tunnel: ({ action }) => lookUp(tunnelActions, action),
  kerberos: ({ request_type: type }) => lookUp(ticketRequests, type),
};

/** How a connection went: refused, reset, never answered, or over; what is only counted is traffic. */
const connectionStates: Readonly<Record<string, number>> = {
  S0: 4,
  S1: 1,
  SF: 2,
  REJ: 5,
  RSTO: 3,
  RSTR: 3,
  RSTOS0: 3,
  RSTRH: 3,
};

const methods: Readonly<Record<string, number>> = {
  ...{ CONNECT: 1, DELETE: 2, GET: 3, HEAD: 4, OPTIONS: 5, POST: 6, PUT: 7, TRACE: 8, PATCH: 9 },
  ...{ COPY: 15, LOCK: 18, MOVE: 25, PROPFIND: 28, PROPPATCH: 29, SEARCH: 33, UNLOCK: 37 },
};

const leases: Readonly<Record<string, number>> = {
  ...{ DISCOVER: 1, OFFER: 2, REQUEST: 3, DECLINE: 4, ACK: 5, NAK: 6, RELEASE: 7, INFORM: 8 },
};

const ftpCommands: Readonly<Record<string, number>> = {
  ...{ STOR: 1, STOU: 1, APPE: 1, RETR: 2, DELE: 4, RNTO: 5, RNFR: 5, LIST: 6, NLST: 6, MLSD: 6 },
};

const tunnelActions: Readonly<Record<string, number>> = {
  ...{ 'Tunnel::DISCOVER': 1, 'Tunnel::CLOSE': 2, 'Tunnel::EXPIRE': 2 },
};

const ticketRequests: Readonly<Record<string, number>> = { AS: 3, TGS: 4 };

function lookUp(
  table: Readonly<Record<string, number>>,
  key: FieldValue | undefined,
): number | undefined {
  return typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Kinds of notices that tell more, or less, than most: by the beginning of their name. */
const notices: readonly (readonly [prefix: string, severityId: number])[] = [
  ['ATTACK::', 4],
  ['Intel::', 4],
  ['Heartbleed::SSL_Heartbeat_Attack_Success', 4],
  ['TeamCymruMalwareHashRegistry::', 4],
  ['Signatures::', 3],
  ['SSL::', 2],
  ['Scan::', 2],
  ['SSH::Interesting', 2],
  ['Software::', 2],
  ['CaptureLoss::', 1],
  ['PacketFilter::', 1],
];
const severityOfNotice = 3;

function severityOf(path: string, { note, success, auth_success: signedIn }: Fields): number {
  if (path === 'intel') return 4;
  if (path === 'signatures') return severityOfNotice;
  if (path === 'notice') {
    const found = notices.find(([prefix]) => typeof note === 'string' && note.startsWith(prefix));
    return found?.[1] ?? severityOfNotice;
  }
  return success === false || signedIn === false ? 2 : info;
}
