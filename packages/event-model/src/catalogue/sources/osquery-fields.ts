import { defineSourceFields } from '../field-entry.ts';

const source = 'osquery';

/** What acted, in classes about something else than a process. */
const actor = [
  ['path', 'actor.process.file', 'process.executable', 'path'],
  ['cmdline', 'actor.process.cmd_line', 'process.command_line'],
  ['pid', 'actor.process.pid', 'process.pid', 'integer'],
] as const;

/**
 * Columns of osquery's tables. What has a name in Sigma is given that one by the connector and read by the rows of any
 * source; here are the columns by their own names, and what is around the rows.
 */
export const osqueryFields = [
  ...defineSourceFields(
    source,
    [1007],
    [
      ['path', 'process.file', 'process.executable', 'path'],
      ['cmdline', 'process.cmd_line', 'process.command_line'],
      ['cwd', 'process.working_directory', 'process.working_directory'],
      ['pid', 'process.pid', 'process.pid', 'integer'],
      ['parent', 'process.parent_process.pid', 'process.parent.pid', 'integer'],
      ['ppid', 'process.parent_process.pid', 'process.parent.pid', 'integer'],
      ['parent_path', 'process.parent_process.file', 'process.parent.executable', 'path'],
      ['parent_cmdline', 'process.parent_process.cmd_line', 'process.parent.command_line'],
      ['username', 'process.user.name', 'user.name'],
      ['uid', 'process.user.uid', 'user.id'],
      ['exit_code', 'exit_code', 'process.exit_code', 'integer'],
    ],
  ),
  ...defineSourceFields(source, [4001, 1009], actor),
  ...defineSourceFields(
    source,
    [4001],
    [
      ['port', 'dst_endpoint.port', 'destination.port', 'integer'],
      ['address', 'dst_endpoint.ip', 'destination.ip', 'ip'],
      ['username', 'actor.user.name', 'user.name'],
    ],
  ),
  ...defineSourceFields(
    source,
    [1001],
    [
      ['target_path', 'file', 'file.path', 'path'],
      ['size', 'file.size', 'file.size', 'integer'],
      ['executable', 'actor.process.file', 'process.executable', 'path'],
      ['pid', 'actor.process.pid', 'process.pid', 'integer'],
    ],
  ),
  ...defineSourceFields(
    source,
    [4003],
    [
      ['name', 'query.hostname', 'dns.question.name'],
      ['type', 'query.type', 'dns.question.type'],
      ['pid', 'actor.process.pid', 'process.pid', 'integer'],
    ],
  ),
  ...defineSourceFields(
    source,
    [3002],
    [
      ['user', 'user.name', 'user.name'],
      ['host', 'src_endpoint.hostname', 'source.domain'],
      ['pid', 'actor.process.pid', 'process.pid', 'integer'],
      ['outcome', 'status', 'event.outcome'],
    ],
  ),
  ...defineSourceFields(
    source,
    [3001],
    [
      ['username', 'user.name', 'user.target.name'],
      ['uid', 'user.uid', 'user.target.id'],
    ],
  ),
  ...defineSourceFields(
    source,
    [2004],
    [
      ['matches', 'finding_info.title', 'rule.name'],
      ['target_path', 'evidences.0.file', 'file.path', 'path'],
      ['path', 'evidences.0.file', 'file.path', 'path'],
    ],
  ),
  ...defineSourceFields(
    source,
    [1006],
    [
      ['name', 'job.name', null],
      ['label', 'job.name', null],
      ['action', 'job.cmd_line', null],
      ['command', 'job.cmd_line', null],
    ],
  ),
  ...defineSourceFields(
    source,
    [201004],
    [
      ['name', 'win_service.name', 'service.name'],
      ['path', 'win_service.cmd_line', null],
    ],
  ),
  ...defineSourceFields(source, [1002], [['name', 'driver.file.name', 'file.name']]),
  ...defineSourceFields(
    source,
    [],
    [
      ['osquery.name', 'metadata.log_name', 'event.dataset'],
      ['osquery.table', null, 'osquery.table'],
      ['osquery.calendarTime', 'metadata.original_time', null],
      ['osquery.hostIdentifier', 'device.uid', 'host.id'],
      ['decorations.host_uuid', 'device.uid_alt', null],
      ['decorations.hostname', 'device.hostname', 'host.name'],
      ['message', 'message', 'message'],
    ],
  ),
];
