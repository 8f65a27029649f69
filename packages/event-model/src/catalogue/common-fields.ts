import { defineFields } from './field-entry.ts';

/** Fields of every class: the envelope of a Windows record and the process and user that acted. */
export const commonFields = defineFields(
  [],
  [],
  [
    ['EventID', 'metadata.event_code', 'event.code'],
    ['Channel', 'metadata.log_name', 'winlog.channel'],
    ['Provider_Name', 'metadata.log_provider', 'event.provider'],
    ['SourceName', 'metadata.log_provider', 'event.provider'],
    ['Computer', 'device.hostname', 'host.name'],
    ['Hostname', 'device.hostname', 'host.name'],
    ['EventRecordID', 'metadata.original_event_uid', 'winlog.record_id'],
    ['RecordNumber', 'metadata.original_event_uid', 'winlog.record_id'],
    ['UtcTime', 'metadata.original_time', null],
    ['TimeCreated', 'metadata.original_time', null],
    ['Message', 'message', 'message'],

    ['Image', 'actor.process.file', 'process.executable', 'path'],
    ['ProcessName', 'actor.process.file', 'process.executable', 'path'],
    ['CommandLine', 'actor.process.cmd_line', 'process.command_line'],
    ['ProcessId', 'actor.process.pid', 'process.pid', 'integer'],
    ['ProcessGuid', 'actor.process.uid', 'process.entity_id'],
    ['User', 'actor.user', 'user', 'account'],
    ['SubjectUserName', 'actor.user.name', 'user.name'],
    ['SubjectDomainName', 'actor.user.domain', 'user.domain'],
    ['SubjectUserSid', 'actor.user.uid', 'user.id'],
    ['SubjectLogonId', 'actor.session.uid', 'winlog.logon.id'],
  ],
);
