import { defineSourceFields } from '../field-entry.ts';

const source = 'zeek';

/** Who asked and who answered. */
const ends = (prefix: string) =>
  [
    ['id.orig_h', `${prefix}src_endpoint.ip`, 'source.ip', 'ip'],
    ['id.orig_p', `${prefix}src_endpoint.port`, 'source.port', 'integer'],
    ['id.resp_h', `${prefix}dst_endpoint.ip`, 'destination.ip', 'ip'],
    ['id.resp_p', `${prefix}dst_endpoint.port`, 'destination.port', 'integer'],
  ] as const;

const network = [4001, 4002, 4003, 4004, 4005, 4006, 4007, 4008, 4014];

/** What is told of any connection; protocols put their own facts beside it. */
const connection = defineSourceFields(source, network, [
  ...ends(''),
  ['proto', 'connection_info.protocol_name', 'network.transport'],
  ['uid', 'connection_info.uid', 'network.session_id'],
  ['community_id', 'connection_info.community_uid', 'network.community_id'],
  ['history', 'connection_info.flag_history', null],
  ['orig_bytes', 'traffic.bytes_out', 'source.bytes', 'integer'],
  ['resp_bytes', 'traffic.bytes_in', 'destination.bytes', 'integer'],
  ['orig_pkts', 'traffic.packets_out', 'source.packets', 'integer'],
  ['resp_pkts', 'traffic.packets_in', 'destination.packets', 'integer'],
  ['missed_bytes', 'traffic.bytes_missed', null, 'integer'],
  ['orig_l2_addr', 'src_endpoint.mac', 'source.mac'],
  ['resp_l2_addr', 'dst_endpoint.mac', 'destination.mac'],
]);

/** TLS as `ssl` tells it, and what `x509` and `weird` say. */
const sessions = defineSourceFields(
  source,
  [4001],
  [
    ['service', 'app_protocol_name', 'network.protocol'],
    ['conn_state', 'status_code', null],
    ['server_name', 'tls.sni', 'tls.client.server_name'],
    ['cipher', 'tls.cipher', 'tls.cipher'],
    ['version', 'tls.version', 'tls.version'],
    ['ja3', 'tls.ja3_hash.value', 'tls.client.ja3'],
    ['ja3s', 'tls.ja3s_hash.value', 'tls.server.ja3s'],
    ['subject', 'tls.certificate.subject', 'tls.server.subject'],
    ['issuer', 'tls.certificate.issuer', 'tls.server.issuer'],
    ['validation_status', 'status_detail', null],
    ['certificate.subject', 'tls.certificate.subject', 'x509.subject.distinguished_name'],
    ['certificate.issuer', 'tls.certificate.issuer', 'x509.issuer.distinguished_name'],
    ['certificate.serial', 'tls.certificate.serial_number', 'x509.serial_number'],
    ['certificate_subject', 'tls.certificate.subject', 'x509.subject.distinguished_name'],
    ['certificate_issuer', 'tls.certificate.issuer', 'x509.issuer.distinguished_name'],
    ['certificate_serial', 'tls.certificate.serial_number', 'x509.serial_number'],
    ['name', 'message', 'message'],
  ],
);

/** A file inside a connection, whichever protocol carried it. */
const files = [
  ...defineSourceFields(
    source,
    [4002, 4006, 4008],
    [
      ['filename', 'file.name', 'file.name'],
      ['total_bytes', 'file.size', 'file.size', 'integer'],
      ['mime_type', 'file.mime_type', 'file.mime_type'],
    ],
  ),
  ...defineSourceFields(
    source,
    [],
    [
      ['tx_hosts', null, 'source.address'],
      ['rx_hosts', null, 'destination.address'],
      ['md5', null, 'file.hash.md5'],
      ['sha1', null, 'file.hash.sha1'],
      ['sha256', null, 'file.hash.sha256'],
    ],
  ),
];

const protocols = [
  ...defineSourceFields(
    source,
    [4002],
    [
      ['c-uri', 'http_request.url.url_string', 'url.original'],
      ['host', 'http_request.url.hostname', 'url.domain'],
      ['uri', 'http_request.url.path', null],
      ['method', 'http_request.http_method', 'http.request.method'],
      ['user_agent', 'http_request.user_agent', 'user_agent.original'],
      ['referrer', 'http_request.referrer', 'http.request.referrer'],
      ['version', 'http_request.version', 'http.version'],
      ['request_body_len', 'http_request.body_length', 'http.request.body.bytes', 'integer'],
      ['response_body_len', 'http_response.body_length', 'http.response.body.bytes', 'integer'],
      ['status_code', 'http_response.code', 'http.response.status_code', 'integer'],
      ['status_msg', 'http_response.message', null],
    ],
  ),
  ...defineSourceFields(
    source,
    [4003],
    [
      ['query', 'query.hostname', 'dns.question.name'],
      ['qtype_name', 'query.type', 'dns.question.type'],
      ['qclass_name', 'query.class', 'dns.question.class'],
      ['answer', 'answers', 'dns.answers', 'answers'],
      ['rcode', 'rcode_id', null, 'integer'],
      ['rcode_name', 'rcode', 'dns.response_code'],
      ['trans_id', 'transaction_id', 'dns.id'],
    ],
  ),
  ...defineSourceFields(
    source,
    [4004],
    [
      ['assigned_addr', 'src_endpoint.ip', 'client.ip', 'ip'],
      ['mac', 'src_endpoint.mac', 'client.mac'],
      ['host_name', 'src_endpoint.hostname', 'client.domain'],
      ['client_addr', 'src_endpoint.ip', 'client.ip', 'ip'],
      ['server_addr', 'dst_endpoint.ip', 'server.ip', 'ip'],
    ],
  ),
  ...defineSourceFields(
    source,
    [4005],
    [
      ['cookie', 'user.name', 'user.name'],
      ['client_name', 'src_endpoint.hostname', 'source.domain'],
      ['security_protocol', 'protocol_ver', null],
      ['result', 'status_detail', null],
    ],
  ),
  ...defineSourceFields(
    source,
    [4006],
    [
      ['name', 'file.name', 'file.name'],
      ['path', 'share', 'file.directory'],
      ['share_type', 'share_type', null],
      ['size', 'file.size', 'file.size', 'integer'],
      ['command', 'command', null],
    ],
  ),
  ...defineSourceFields(
    source,
    [4007],
    [
      ['outcome', 'status', 'event.outcome'],
      ['version', 'protocol_ver', null],
      ['hassh', 'client_hassh.fingerprint.value', null],
    ],
  ),
  ...defineSourceFields(
    source,
    [4008],
    [
      ['command', 'command', null],
      ['user', 'actor.user.name', 'user.name'],
    ],
  ),
  ...defineSourceFields(
    source,
    [4009],
    [
      ...ends(''),
      ['mailfrom', 'email.smtp_from', 'email.from.address'],
      ['rcptto', 'email.smtp_to.0', 'email.to.address'],
      ['subject', 'email.subject', 'email.subject'],
      ['msg_id', 'email.message_uid', 'email.message_id'],
      ['helo', 'smtp_hello', null],
      ['user_agent', null, 'email.x_mailer'],
    ],
  ),
];

const accounts = defineSourceFields(
  source,
  [3002],
  [
    ...ends(''),
    ['username', 'user.name', 'user.name'],
    ['domainname', 'user.domain', 'user.domain'],
    ['hostname', 'src_endpoint.hostname', 'source.domain'],
    ['server_dns_computer_name', 'dst_endpoint.hostname', 'destination.domain'],
    ['service', 'service.name', 'service.name'],
    ['outcome', 'status', 'event.outcome'],
    ['error_msg', 'status_detail', 'event.reason'],
  ],
);

const findings = defineSourceFields(
  source,
  [2004],
  [
    ...ends('evidences.0.'),
    ['src', 'evidences.0.src_endpoint.ip', 'source.ip', 'ip'],
    ['dst', 'evidences.0.dst_endpoint.ip', 'destination.ip', 'ip'],
    ['p', 'evidences.0.dst_endpoint.port', 'destination.port', 'integer'],
    ['note', 'finding_info.analytic.uid', 'rule.name'],
    ['msg', 'finding_info.title', 'message'],
    ['sub', 'finding_info.desc', null],
    ['seen.indicator', 'finding_info.title', 'threat.indicator.name'],
    ['uid', null, 'network.session_id'],
  ],
);

const inventory = defineSourceFields(
  source,
  [5001, 5020],
  [
    ['host', 'device.ip', 'host.ip', 'ip'],
    ['name', 'product.name', 'package.name'],
    ['unparsed_version', 'product.version', 'package.version'],
  ],
);

/** Zeek's logs; `_path` says which. */
export const zeekFields = [
  ...connection,
  ...sessions,
  ...files,
  ...protocols,
  ...accounts,
  ...findings,
  ...inventory,
  ...defineSourceFields(
    source,
    [],
    [
      ['_path', 'metadata.log_name', 'event.dataset'],
      ['_system_name', 'metadata.loggers.0.name', 'observer.name'],
      ['ts', 'metadata.original_time', null],
    ],
  ),
];
