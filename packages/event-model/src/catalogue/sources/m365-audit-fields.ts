import { defineSourceFields } from '../field-entry.ts';

const source = 'm365-audit';

/** What every record of the unified audit log tells: who, from where, what, with what outcome. */
const envelope = defineSourceFields(
  source,
  [],
  [
    ['Id', 'metadata.original_event_uid', 'event.id'],
    ['Operation', 'metadata.event_code', 'event.action'],
    ['RecordType', null, 'event.code'],
    ['Workload', 'metadata.log_name', 'event.provider'],
    ['CreationTime', 'metadata.original_time', null],
    ['OrganizationId', 'metadata.tenant_uid', 'organization.id'],
    ['UserId', 'actor.user.name', 'user.name'],
    ['UserKey', 'actor.user.uid', 'user.id'],
    ['ClientIP', 'src_endpoint.ip', 'source.ip', 'ip'],
    ['ClientPort', 'src_endpoint.port', 'source.port', 'integer'],
    ['UserAgent', 'http_request.user_agent', 'user_agent.original'],
    ['ExtendedProperties.UserAgent', 'http_request.user_agent', 'user_agent.original'],
    ['status', 'status', 'event.outcome'],
    ['status_id', 'status_id', null, 'integer'],
    ['ErrorNumber', 'status_code', 'error.code'],
    ['LogonError', 'status_detail', 'error.message'],
    ['disposition_id', 'disposition_id', null, 'integer'],
    ['DeviceName', 'device.hostname', 'host.name'],
    ['DeviceProperties.DisplayName', 'device.hostname', 'host.name'],
    ['DeviceProperties.OS', 'device.os.name', 'host.os.full'],
    ['attack.technique.id', null, 'threat.technique.id'],
  ],
);

const identities = [
  ...defineSourceFields(
    source,
    [3002],
    [
      ['UserId', 'user.name', 'user.name'],
      ['UserKey', 'user.uid', 'user.id'],
      ['ApplicationId', 'service.uid', 'service.id'],
      ['ExtendedProperties.RequestType', 'auth_protocol', null],
    ],
  ),
  ...defineSourceFields(source, [3001, 3005], [['ObjectId', 'user.name', 'user.target.name']]),
  ...defineSourceFields(
    source,
    [3005],
    [['ModifiedProperties.Role.DisplayName', 'privileges.0', null]],
  ),
  ...defineSourceFields(
    source,
    [3006],
    [
      ['ModifiedProperties.Group.DisplayName', 'group.name', 'group.name'],
      ['ModifiedProperties.Group.ObjectID', 'group.uid', 'group.id'],
      ['ObjectId', 'user.name', 'user.target.name'],
    ],
  ),
  ...defineSourceFields(source, [3004], [['ObjectId', 'entity.uid', null]]),
];

const content = [
  ...defineSourceFields(
    source,
    [6003],
    [
      ['Operation', 'api.operation', 'event.action'],
      ['Workload', 'api.service.name', 'event.provider'],
    ],
  ),
  ...defineSourceFields(
    source,
    [6006],
    [
      ['SourceFileName', 'file.name', 'file.name'],
      ['FileName', 'file.name', 'file.name'],
      ['SourceFileExtension', 'file.ext', 'file.extension'],
      ['SourceRelativeUrl', 'file.parent_folder', 'file.directory'],
      ['FileSizeBytes', 'file.size', 'file.size', 'integer'],
      ['ObjectId', 'file.url.url_string', 'url.original'],
    ],
  ),
  ...defineSourceFields(
    source,
    [6005],
    [
      ['Item.Subject', null, 'email.subject'],
      ['Item.InternetMessageId', null, 'email.message_id'],
      ['MailboxOwnerUPN', 'databucket.owner.name', null],
      ['MailboxGuid', 'databucket.uid', null],
      ['ClientProcessName', 'actor.process.name', 'process.name'],
    ],
  ),
  ...defineSourceFields(
    source,
    [4009],
    [
      ['Item.Subject', 'email.subject', 'email.subject'],
      ['Item.InternetMessageId', 'email.message_uid', 'email.message_id'],
    ],
  ),
];

const findings = [
  ...defineSourceFields(
    source,
    [2004, 2006],
    [
      ['AlertId', 'finding_info.uid', 'event.id'],
      ['Name', 'finding_info.title', 'rule.name'],
      ['InvestigationName', 'finding_info.title', 'rule.name'],
      ['PolicyId', 'finding_info.analytic.uid', 'rule.id'],
      ['Severity', null, 'log.level'],
      ['Data.f3u', null, 'user.email'],
    ],
  ),
  ...defineSourceFields(
    source,
    [2004],
    [
      ['FileData.FileName', 'evidences.0.file.name', 'file.name'],
      ['FileData.SHA256', null, 'file.hash.sha256'],
      ['FileData.MalwareFamily', 'malware.0.name', null],
      ['Subject', 'evidences.0.email.subject', 'email.subject'],
      ['Data.ms', 'evidences.0.email.subject', 'email.subject'],
      ['P2Sender', 'evidences.0.email.from', 'email.from.address'],
      ['Data.tsd', 'evidences.0.email.from', 'email.from.address'],
      ['Data.mfrm', 'evidences.0.email.from', 'email.from.address'],
      ['Data.Entities.Sender', null, 'email.from.address'],
      ['Recipients', null, 'email.to.address'],
      ['Data.trc', null, 'email.to.address'],
      ['Data.to', null, 'email.to.address'],
      ['Data.Entities.Recipient', null, 'email.to.address'],
      ['Data.zu', null, 'url.original'],
      ['Data.Entities.Urls', null, 'url.original'],
      ['InternetMessageId', 'evidences.0.email.message_uid', 'email.message_id'],
      ['Data.imsgid', 'evidences.0.email.message_uid', 'email.message_id'],
      ['NetworkMessageId', 'evidences.0.email.uid', 'email.local_id'],
    ],
  ),
];

/** Microsoft 365's unified audit log. */
export const m365AuditFields = [...envelope, ...identities, ...content, ...findings];
