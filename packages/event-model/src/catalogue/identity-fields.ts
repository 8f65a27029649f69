import { defineFields } from './field-entry.ts';

/** Facts about who signed in, was given a right, or had an account or group changed. */
export const identityFields = [
  ...defineFields(
    [3002],
    [],
    [
      ['TargetUserName', 'user.name', 'user.name'],
      ['TargetDomainName', 'user.domain', 'user.domain'],
      ['TargetUserSid', 'user.uid', 'user.id'],
      ['TargetSid', 'user.uid', 'user.id'],
      ['TargetLogonId', 'session.uid', 'winlog.logon.id'],
      ['TargetLogonGuid', 'session.uid_alt', null],
      ['SubjectUserName', 'actor.user.name', 'user.effective.name'],
      ['SubjectDomainName', 'actor.user.domain', 'user.effective.domain'],
      ['SubjectUserSid', 'actor.user.uid', 'user.effective.id'],
      ['SubjectLogonId', 'actor.session.uid', null],
      ['IpAddress', 'src_endpoint.ip', 'source.ip', 'ip'],
      ['ClientAddress', 'src_endpoint.ip', 'source.ip', 'ip'],
      ['IpPort', 'src_endpoint.port', 'source.port', 'integer'],
      ['WorkstationName', 'src_endpoint.hostname', 'source.domain'],
      ['Workstation', 'src_endpoint.hostname', 'source.domain'],
      ['ClientName', 'src_endpoint.hostname', 'source.domain'],
      ['LogonType', 'logon_type_id', 'winlog.logon.type', 'integer'],
      ['LogonProcessName', 'logon_process.name', null],
      ['AuthenticationPackageName', 'auth_protocol', null],
      ['ServiceName', 'service.name', 'service.name'],
      ['ServiceSid', 'service.uid', 'service.id'],
      ['TargetServerName', 'dst_endpoint.hostname', 'destination.domain'],
      ['Status', 'status_code', null],
      ['SubStatus', 'status_detail', null],
    ],
  ),
  ...defineFields(
    [3001],
    [],
    [
      ['TargetUserName', 'user.name', 'user.target.name'],
      ['TargetDomainName', 'user.domain', 'user.target.domain'],
      ['TargetSid', 'user.uid', 'user.target.id'],
    ],
  ),
  ...defineFields(
    [3006],
    [],
    [
      ['TargetUserName', 'group.name', 'group.name'],
      ['TargetDomainName', 'group.domain', 'group.domain'],
      ['TargetSid', 'group.uid', 'group.id'],
      ['MemberName', 'user.name', 'user.target.name'],
      ['MemberSid', 'user.uid', 'user.target.id'],
    ],
  ),
  ...defineFields(
    [3003, 3005],
    [],
    [
      ['SubjectUserName', 'user.name', 'user.name'],
      ['SubjectDomainName', 'user.domain', 'user.domain'],
      ['SubjectUserSid', 'user.uid', 'user.id'],
      ['SubjectLogonId', 'session.uid', 'winlog.logon.id'],
      ['PrivilegeList', 'privileges', null, 'list'],
    ],
  ),
  ...defineFields(
    [3004],
    [],
    [
      ['TargetUserName', 'entity.name', 'user.target.name'],
      ['TargetSid', 'entity.uid', 'user.target.id'],
      ['ObjectDN', 'entity.name', null],
      ['ObjectName', 'entity.name', null],
      ['ObjectClass', 'entity.type', null],
      ['ObjectType', 'entity.type', null],
      ['ObjectGUID', 'entity.uid', null],
    ],
  ),
];
