import { defineFields } from './field-entry.ts';

/** Facts about connections, names looked up and shares opened. */
export const networkFields = [
  ...defineFields(
    [4001],
    [],
    [
      ['SourceIp', 'src_endpoint.ip', 'source.ip', 'ip'],
      ['SourceAddress', 'src_endpoint.ip', 'source.ip', 'ip'],
      ['SourcePort', 'src_endpoint.port', 'source.port', 'integer'],
      ['SourceHostname', 'src_endpoint.hostname', 'source.domain'],
      ['DestinationIp', 'dst_endpoint.ip', 'destination.ip', 'ip'],
      ['DestAddress', 'dst_endpoint.ip', 'destination.ip', 'ip'],
      ['DestinationPort', 'dst_endpoint.port', 'destination.port', 'integer'],
      ['DestPort', 'dst_endpoint.port', 'destination.port', 'integer'],
      ['DestinationHostname', 'dst_endpoint.hostname', 'destination.domain'],
      ['Protocol', 'connection_info.protocol_name', 'network.transport'],
      ['Initiated', 'connection_info.direction_id', 'network.direction', 'direction'],
      ['Direction', 'connection_info.direction_id', 'network.direction', 'direction'],
      ['Application', 'actor.process.file', 'process.executable', 'path'],
    ],
  ),
  // The filtering platform writes the protocol as its IANA number.
  ...defineFields(
    [4001],
    [5152, 5154, 5155, 5156, 5157, 5158, 5159],
    [
      ['Protocol', 'connection_info.protocol_num', 'network.iana_number', 'integer'],
      ['ProcessID', 'actor.process.pid', 'process.pid', 'integer'],
    ],
  ),
  ...defineFields(
    [4003],
    [],
    [
      ['QueryName', 'query.hostname', 'dns.question.name'],
      ['QueryType', 'query.type', 'dns.question.type'],
      ['QueryResults', 'answers', 'dns.answers', 'answers'],
      ['QueryStatus', 'status_code', 'sysmon.dns.status'],
    ],
  ),
  ...defineFields(
    [4006],
    [],
    [
      ['IpAddress', 'src_endpoint.ip', 'source.ip', 'ip'],
      ['IpPort', 'src_endpoint.port', 'source.port', 'integer'],
      ['ShareName', 'share', null],
      ['RelativeTargetName', 'file', 'file.path', 'path'],
      ['AccessMask', 'access_mask', null, 'integer'],
    ],
  ),
  ...defineFields(
    [4005],
    [1149],
    [
      ['Param1', 'user.name', 'user.name'],
      ['Param2', 'user.domain', 'user.domain'],
      ['Param3', 'src_endpoint.ip', 'source.ip', 'ip'],
    ],
  ),
];
