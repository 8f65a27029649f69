/**
 * Names of one fact, the canonical one first: the older format's, which is Sigma's where Sigma has one. An event has
 * the canonical name beside whichever its line had, so that one rule reads both formats.
 */
const spellings: readonly (readonly string[])[] = [
  ['src_ip', 'sourceip', 'srcip'],
  ['dst_ip', 'destinationip', 'dstip', 'localip'],
  ['src_port', 'srcport'],
  ['dst_port', 'dstport'],
  ['protocol', 'proto'],
  ['user_name', 'username', 'login_user', 'user'],
  ['user_gp', 'user_group', 'usergroupname'],
  ['src_mac', 'srcmac'],
  ['dst_mac', 'dstmac'],
  ['srczone', 'src_zone'],
  ['srczonetype', 'src_zone_type'],
  ['dstzone', 'dst_zone'],
  ['dstzonetype', 'dst_zone_type'],
  // A web application firewall counts from its own side: what it sends is what the client receives.
  ['sent_bytes', 'bytes_sent', 'bytesrcv'],
  ['recv_bytes', 'bytes_received', 'bytessent'],
  ['sent_pkts', 'packets_sent'],
  ['recv_pkts', 'packets_received'],
  ['tran_src_ip', 'src_trans_ip'],
  ['tran_src_port', 'src_trans_port'],
  ['tran_dst_ip', 'dst_trans_ip'],
  ['tran_dst_port', 'dst_trans_port'],
  ['connevent', 'con_event'],
  ['connid', 'con_id'],
  ['src_country_code', 'src_country'],
  ['dst_country_code', 'dst_country'],
  ['hb_health', 'hb_status'],
  ['category', 'http_category'],
  ['category_type', 'http_category_type'],
  ['contenttype', 'content_type'],
  ['user_agent', 'http_user_agent', 'useragent', 'ua'],
  ['status_code', 'http_status', 'httpstatus', 'statuscode'],
  ['referer', 'http_referer', 'referrer'],
  ['method', 'http_method'],
  ['domain', 'domainname'],
  ['application', 'app_name', 'application_name'],
  ['application_category', 'app_category'],
  ['application_risk', 'app_risk'],
  ['application_technology', 'app_technology'],
  ['appresolvedby', 'app_resolved_by'],
  ['fw_rule_id', 'rule_id', 'fwrule'],
  ['fw_rule_name', 'rule_name'],
  ['priority', 'severity'],
  ['device_serial', 'device_serial_id', 'device_id'],
  ['threat', 'threatname', 'threat_name', 'virus', 'malware', 'virus_name'],
  ['sha256', 'sha256sum', 'file_sha256'],
  ['sha1', 'sha1sum', 'file_sha1'],
  ['filename', 'file_name', 'download_file_name'],
  ['in_interface', 'initf'],
  ['out_interface', 'outitf'],
];

/** Names of the format that have one spelling; a number may run into any of them. */
const otherNames = [
  ...['device', 'date', 'time', 'timezone', 'timestamp', 'device_name', 'device_model', 'log_id'],
  ...['log_type', 'log_component', 'log_subtype', 'log_version', 'log_occurrence', 'status', 'url'],
  ...['duration', 'policy_type', 'nat_rule_id', 'fw_rule_type', 'iap', 'ips_policy_id', 'message'],
  ...['appfilter_policy_id', 'web_policy_id', 'app_filter_policy_id', 'ether_type', 'dir_disp'],
  ...[
    'vconnid',
    'app_is_cloud',
    'qualifier',
    'reason',
    'icmp_type',
    'icmp_code',
    'in_display_interface',
  ],
  ...['out_display_interface', 'signature_id', 'signature_msg', 'rule_priority', 'classification'],
  ...['platform', 'target', 'bridge_name', 'vlan_id', 'flags', 'transactionid', 'exceptions'],
];

const canonicalNames: ReadonlyMap<string, string> = new Map(
  spellings.flatMap(([canonical = '', ...others]) =>
    others.map((name): [string, string] => [name, canonical]),
  ),
);

const knownNames: ReadonlySet<string> = new Set([...spellings.flat(), ...otherNames]);

/** The canonical name of a fact that the line calls otherwise, else undefined. */
export function canonicalNameOf(name: string): string | undefined {
  return canonicalNames.get(name);
}

export function isKnownName(name: string): boolean {
  return knownNames.has(name);
}
