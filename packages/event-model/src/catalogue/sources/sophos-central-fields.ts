import { defineSourceFields } from '../field-entry.ts';

const source = 'sophos-central';

/** Envelope of events, alerts, detections and data-lake rows. */
const envelope = defineSourceFields(
  source,
  [],
  [
    ['id', 'metadata.original_event_uid', 'event.id'],
    ['event_code', 'metadata.event_code', 'event.code'],
    ['name', 'message', 'message'],
    ['description', 'message', 'message'],
    ['severity', null, 'log.level'],
    ['when', 'metadata.original_time', null],
    ['customer_id', 'metadata.tenant_uid', 'organization.id'],
    ['tenant.id', 'metadata.tenant_uid', 'organization.id'],
    ['disposition_id', 'disposition_id', null, 'integer'],
    ['location', 'device.hostname', 'host.name'],
    ['endpoint_id', 'device.uid', 'agent.id'],
    ['data.endpoint_id', 'device.uid', 'agent.id'],
    ['managedAgent.id', 'device.uid', 'agent.id'],
    ['endpoint_type', 'device.type', 'host.type'],
    ['data.endpoint_type', 'device.type', 'host.type'],
    ['managedAgent.type', 'device.type', 'host.type'],
    ['source_info.ip', 'device.ip', 'host.ip', 'ip'],
    ['data.source_info.ip', 'device.ip', 'host.ip', 'ip'],
    ['source', 'actor.user', 'user', 'account'],
    ['user_id', 'actor.user.uid', 'user.id'],
    ['person.id', 'actor.user.uid', 'user.id'],
    ['full_file_path', null, 'file.path', 'path'],
    ['appSha256', null, 'file.hash.sha256'],
  ],
);

/** What was found, where, and by which rule: detections of the endpoint and of the data lake. */
const findings = defineSourceFields(
  source,
  [2002, 2004],
  [
    ['id', 'finding_info.uid', 'event.id'],
    ['record_identifier', 'finding_info.uid', 'event.id'],
    ['threat', 'finding_info.title', 'rule.name'],
    ['Signature', 'finding_info.title', 'rule.name'],
    ['detectionRule', 'finding_info.analytic.uid', 'rule.id'],
    ['ioc_detection_id', 'finding_info.analytic.uid', 'rule.id'],
    ['ruleDescription', 'finding_info.desc', 'rule.description'],
    ['ioc_detection_description', 'finding_info.desc', 'rule.description'],
    ['ioc_detection_references', null, 'rule.reference'],
    ['attack.technique.id', null, 'threat.technique.id'],
    ['attack.tactic.id', null, 'threat.tactic.id'],
    ['full_file_path', 'evidences.0.file', 'file.path', 'path'],
    ['ioc_event_path', 'evidences.0.file', 'file.path', 'path'],
    ['Hashes', 'malware.0.files.0.hashes', 'file.hash', 'hashes'],
    ['application', 'evidences.0.process.name', 'process.name'],
    ['ips_threat_data.remoteIp', 'evidences.0.dst_endpoint.ip', 'destination.ip', 'ip'],
    ['ips_threat_data.remotePort', 'evidences.0.dst_endpoint.port', 'destination.port', 'integer'],
    ['ips_threat_data.localPort', 'evidences.0.src_endpoint.port', 'source.port', 'integer'],
    ['ips_threat_data.executablePath', 'evidences.0.process.file', 'process.executable', 'path'],
    ['ips_threat_data.executablePid', 'evidences.0.process.pid', 'process.pid', 'integer'],
    ['data.ips_threat.remote_ip', 'evidences.0.dst_endpoint.ip', 'destination.ip', 'ip'],
    ['data.ips_threat.remote_port', 'evidences.0.dst_endpoint.port', 'destination.port', 'integer'],
    ['data.ips_threat.local_port', 'evidences.0.src_endpoint.port', 'source.port', 'integer'],
    ['data.ips_threat.executable_path', 'evidences.0.process.file', 'process.executable', 'path'],
    ['data.ips_threat.executable_pid', 'evidences.0.process.pid', 'process.pid', 'integer'],
    ['data.hmpa_exploit.process_path', 'evidences.0.process.file', 'process.executable', 'path'],
    ['data.hmpa_exploit.process_pid', 'evidences.0.process.pid', 'process.pid', 'integer'],
    ['amsi_threat_data.processPath', 'evidences.0.process.file', 'process.executable', 'path'],
    [
      'amsi_threat_data.parentProcessPath',
      'evidences.0.process.parent_process.file',
      'process.parent.executable',
      'path',
    ],
    ['process_cmd_line', 'evidences.0.process.cmd_line', 'process.command_line'],
    ['cmdline', 'evidences.0.process.cmd_line', 'process.command_line'],
    ['process_parent_name', 'evidences.0.process.parent_process.name', 'process.parent.name'],
    ['remote_address', 'evidences.0.src_endpoint.ip', 'source.ip', 'ip'],
    ['remote_port', 'evidences.0.src_endpoint.port', 'source.port', 'integer'],
    ['target_username', 'evidences.0.user.name', 'user.target.name'],
  ],
);

/** Who and where, as the data lake puts it beside every row, and inside every detection. */
const dataLake = ['', 'rawData.'].flatMap((prefix) =>
  defineSourceFields(
    source,
    [],
    [
      [`${prefix}meta_hostname`, 'device.hostname', 'host.name'],
      [`${prefix}meta_ip_address`, 'device.ip', 'host.ip', 'ip'],
      [`${prefix}meta_mac_address`, 'device.mac', 'host.mac'],
      [`${prefix}meta_endpoint_type`, 'device.type', 'host.type'],
      [`${prefix}meta_os_name`, 'device.os.name', 'host.os.full'],
      [`${prefix}meta_os_version`, 'device.os.version', 'host.os.version'],
      [`${prefix}meta_os_platform`, 'device.os.type', 'host.os.platform'],
      [`${prefix}meta_username`, 'actor.user.name', 'user.name'],
    ],
  ),
);

const detectionDevice = defineSourceFields(
  source,
  [2002, 2004],
  [
    ['device.entity', 'device.hostname', 'host.name'],
    ['device.id', 'device.uid', 'agent.id'],
    ['device.type', 'device.type', 'host.type'],
  ],
);

const controls = [
  ...defineSourceFields(
    source,
    [4002],
    [
      ['site', 'http_request.url.url_string', 'url.original'],
      ['reason', 'status_detail', 'event.reason'],
    ],
  ),
  ...defineSourceFields(source, [1007], [['application', 'process.name', 'process.name']]),
  ...defineSourceFields(
    source,
    [2006],
    [
      ['id', 'finding_info.uid', 'event.id'],
      ['full_file_path', 'file', 'file.path', 'path'],
      ['dlp.file_size', 'file.size', 'file.size', 'integer'],
      ['dlp.rule_names', 'data_security.policy.name', 'rule.name'],
      ['dlp.username', 'actor.user', 'user', 'account'],
      ['dlp.action', 'disposition', 'event.action'],
      ['application', 'actor.process.name', 'process.name'],
    ],
  ),
];

const posture = [
  ...defineSourceFields(
    source,
    [2003],
    [['compliance.status_id', 'compliance.status_id', null, 'integer']],
  ),
  ...defineSourceFields(
    source,
    [5001],
    [
      ['id', 'device.uid', 'agent.id'],
      ['hostname', 'device.hostname', 'host.name'],
      ['type', 'device.type', 'host.type'],
      ['macAddresses', null, 'host.mac'],
      ['ipv4Addresses', null, 'host.ip'],
      ['os.name', 'device.os.name', 'host.os.full'],
      ['os.platform', 'device.os.type', 'host.os.platform'],
      ['os.build', 'device.os.build', null],
      ['lastSeenAt', 'device.last_seen_time', null, 'time'],
      ['associatedPerson.viaLogin', 'device.owner', 'user', 'account'],
    ],
  ),
];

/** Sophos Central, whatever API a record came from. */
export const sophosCentralFields = [
  ...envelope,
  ...findings,
  ...dataLake,
  ...detectionDevice,
  ...controls,
  ...posture,
];
