import { defineSourceFields } from '../field-entry.ts';

const source = 'sophos-firewall';

/** The two ends of a connection, by the names that both formats are given. */
const ends = (prefix: string) =>
  [
    ['src_ip', `${prefix}src_endpoint.ip`, 'source.ip', 'ip'],
    ['src_port', `${prefix}src_endpoint.port`, 'source.port', 'integer'],
    ['src_mac', `${prefix}src_endpoint.mac`, 'source.mac'],
    ['dst_ip', `${prefix}dst_endpoint.ip`, 'destination.ip', 'ip'],
    ['dst_port', `${prefix}dst_endpoint.port`, 'destination.port', 'integer'],
    ['dst_mac', `${prefix}dst_endpoint.mac`, 'destination.mac'],
  ] as const;

/** Where they are, and how much went between them. */
const traffic = [
  ['srczone', 'src_endpoint.zone', 'observer.ingress.zone'],
  ['dstzone', 'dst_endpoint.zone', 'observer.egress.zone'],
  ['in_interface', 'src_endpoint.interface_name', 'observer.ingress.interface.name'],
  ['out_interface', 'dst_endpoint.interface_name', 'observer.egress.interface.name'],
  ['src_country_code', null, 'source.geo.country_iso_code'],
  ['dst_country_code', null, 'destination.geo.country_iso_code'],
  ['protocol', 'connection_info.protocol_name', 'network.transport'],
  ['connid', 'connection_info.uid', 'network.session_id'],
  ['sent_bytes', 'traffic.bytes_out', 'source.bytes', 'integer'],
  ['recv_bytes', 'traffic.bytes_in', 'destination.bytes', 'integer'],
  ['sent_pkts', 'traffic.packets_out', 'source.packets', 'integer'],
  ['recv_pkts', 'traffic.packets_in', 'destination.packets', 'integer'],
  ['tran_src_ip', null, 'source.nat.ip', 'ip'],
  ['tran_src_port', null, 'source.nat.port', 'integer'],
  ['tran_dst_ip', null, 'destination.nat.ip', 'ip'],
  ['tran_dst_port', null, 'destination.nat.port', 'integer'],
  ['application', 'app_name', 'network.application'],
] as const;

const network = [4001, 4002, 4004, 4008];

/** Sophos Firewall, by its canonical names; what only one format calls otherwise is not listed again. */
export const sophosFirewallFields = [
  ...defineSourceFields(source, network, ends('')),
  ...defineSourceFields(source, network, traffic),
  ...defineSourceFields(
    source,
    [4002],
    [
      ['url', 'http_request.url.url_string', 'url.original'],
      ['domain', 'http_request.url.hostname', 'url.domain'],
      ['querystring', 'http_request.url.query_string', 'url.query'],
      ['method', 'http_request.http_method', 'http.request.method'],
      ['user_agent', 'http_request.user_agent', 'user_agent.original'],
      ['referer', 'http_request.referrer', 'http.request.referrer'],
      ['status_code', 'http_response.code', 'http.response.status_code', 'integer'],
      ['contenttype', 'http_response.content_type', 'http.response.mime_type'],
      ['category', 'http_request.url.categories.0', null],
      ['reason', 'status_detail', 'event.reason'],
      ['server', 'dst_endpoint.hostname', 'destination.domain'],
    ],
  ),
  ...defineSourceFields(source, [2004], ends('evidences.0.')),
  ...defineSourceFields(
    source,
    [2004],
    [
      ['signature_id', 'finding_info.analytic.uid', 'rule.id'],
      ['signature_msg', 'finding_info.title', 'rule.name'],
      ['threat', 'finding_info.title', 'rule.name'],
      // The rule that was broken is the signature, not the rule that let the traffic in.
      ['fw_rule_id', 'firewall_rule.uid', null],
      ['classification', 'finding_info.analytic.category', 'rule.category'],
      ['eventid', 'finding_info.uid', 'event.id'],
      ['protocol', 'evidences.0.connection_info.protocol_name', 'network.transport'],
      ['url', 'evidences.0.url.url_string', 'url.original'],
      ['domain', 'evidences.0.url.hostname', 'url.domain'],
      ['filename', 'evidences.0.file.name', 'file.name'],
      ['filesize', 'evidences.0.file.size', 'file.size', 'integer'],
      ['sha1', null, 'file.hash.sha1'],
      ['sha256', null, 'file.hash.sha256'],
      ['execution_path', 'evidences.0.process.file', 'process.executable', 'path'],
      ['user_name', 'evidences.0.user.name', 'user.name'],
      ['ep_uuid', 'evidences.0.device.uid', 'agent.id'],
      ['user_agent', null, 'user_agent.original'],
    ],
  ),
  ...defineSourceFields(
    source,
    [3002],
    [
      ['user_name', 'user.name', 'user.name'],
      ['src_ip', 'src_endpoint.ip', 'source.ip', 'ip'],
      ['src_mac', 'src_endpoint.mac', 'source.mac'],
      ['auth_mechanism', 'auth_protocol', null],
      ['reason', 'status_detail', 'event.reason'],
    ],
  ),
  ...defineSourceFields(
    source,
    [4004],
    [
      ['ipaddress', 'src_endpoint.ip', 'source.ip', 'ip'],
      ['client_physical_address', 'src_endpoint.mac', 'source.mac'],
      ['client_host_name', 'src_endpoint.hostname', 'source.domain'],
    ],
  ),
  ...defineSourceFields(
    source,
    [4014],
    [
      ['remoteinterfaceip', 'src_endpoint.ip', 'source.ip', 'ip'],
      ['localinterfaceip', 'dst_endpoint.ip', 'destination.ip', 'ip'],
      ['user_name', 'user.name', 'user.name'],
    ],
  ),
  ...defineSourceFields(
    source,
    [4009],
    [
      ['src_ip', 'src_endpoint.ip', 'source.ip', 'ip'],
      ['dst_ip', 'dst_endpoint.ip', 'destination.ip', 'ip'],
      ['subject', 'email.subject', 'email.subject'],
      ['from_email_address', 'email.from', 'email.from.address'],
      ['to_email_address', 'email.to.0', 'email.to.address'],
    ],
  ),
  ...defineSourceFields(
    source,
    [],
    [
      ['log_id', 'metadata.event_code', 'event.code'],
      ['log_type', 'metadata.log_name', 'event.dataset'],
      ['log_component', null, 'event.module'],
      ['timestamp', 'metadata.original_time', null],
      ['device_name', null, 'observer.name'],
      ['device_serial', null, 'observer.serial_number'],
      ['device_model', null, 'observer.product'],
      ['priority', null, 'log.level'],
      ['message', 'message', 'message'],
      ['user_name', 'actor.user.name', 'user.name'],
      ['user_gp', null, 'user.group.name'],
      ['src_ip', null, 'source.ip', 'ip'],
      ['dst_ip', null, 'destination.ip', 'ip'],
      ['fw_rule_id', 'firewall_rule.uid', 'rule.id'],
      ['fw_rule_name', 'firewall_rule.name', 'rule.name'],
      ['disposition_id', 'disposition_id', null, 'integer'],
      ['action', 'action', 'event.action'],
      ['outcome', 'status', 'event.outcome'],
    ],
  ),
];
