import { describe, expect, it } from '@jest/globals';
import { identityId, readAccountName, sidSubjectId } from './account-name.ts';
import { readIdentityFacts } from './identity-facts.ts';

const customerId = '0197c000-0000-7000-8000-000000000001';
const domainSid = 'S-1-5-21-1000-2000-3000';
const at = (seconds: number): Date => new Date(seconds * 1_000);

function row(userName: string | null, fields: object, more: object = {}) {
  const usual = { classUid: 3002, activityId: 1, occurredAt: at(10) };
  return { ...usual, userName, fields: JSON.stringify(fields), ...more };
}

function idOf(name: string): string {
  const account = readAccountName(name);
  return account === null ? '' : identityId(customerId, account);
}

describe('accounts in a batch', () => {
  it('are seen once each, from the first to the last time', () => {
    const rows = [
      row('CORP\\ann', {}, { occurredAt: at(20) }),
      row('corp\\Ann', {}, { occurredAt: at(10) }),
      row('CORP\\ann', {}, { occurredAt: at(30) }),
      row(null, {}),
      row('-', {}),
    ];
    expect(readIdentityFacts(customerId, rows).sightings).toMatchObject([
      { identityId: idOf('CORP\\ann'), firstSeenAt: at(10), lastSeenAt: at(30) },
    ]);
  });

  it('are tied to a second name only where one record states both', () => {
    const created = {
      UserPrincipalName: 'ann@corp.example',
      ...{ TargetDomainName: 'CORP', TargetUserName: 'ann' },
    };
    const { links, sightings } = readIdentityFacts(customerId, [
      row('CORP\\admin', created, { classUid: 3001 }),
      row('bob@corp.example', { TargetUserName: 'bob@corp.example', UserPrincipalName: '-' }),
    ]);
    expect(links).toEqual([
      { identityId: idOf('ann@corp.example'), kind: 'NAME', linkedId: idOf('CORP\\ann') },
    ]);
    expect(sightings.map(({ identityId: id }) => id)).toContain(idOf('CORP\\ann'));
  });

  it('of RID 500 are found whatever they are called', () => {
    const fields = {
      ...{ TargetUserName: 'chief', TargetDomainName: 'CORP' },
      TargetUserSid: `${domainSid}-500`,
    };
    const { findings, links } = readIdentityFacts(customerId, [row('CORP\\chief', fields)]);
    expect(findings).toMatchObject([
      { subjectId: idOf('CORP\\chief'), ruleId: 'built-in-administrator' },
    ]);
    expect(links).toMatchObject([
      { kind: 'SID', linkedId: sidSubjectId(customerId, `${domainSid}-500`) },
    ]);
  });

  it('that say nothing of the account that acted are not read for it', () => {
    const fields = {
      ...{ TargetUserName: 'bob', TargetDomainName: 'CORP', TargetUserSid: `${domainSid}-500` },
      ...{ SubjectUserName: 'WS-1$', SubjectDomainName: 'CORP', SubjectUserSid: 'S-1-5-18' },
    };
    expect(readIdentityFacts(customerId, [row('CORP\\WS-1$', fields)]).findings).toEqual([]);
  });
});

describe('a new member of a group', () => {
  const added = (fields: object) =>
    readIdentityFacts(customerId, [row('CORP\\admin', fields, { classUid: 3006, activityId: 3 })])
      .findings;

  it('of domain admins is found by its security identifier, in any language', () => {
    const fields = {
      ...{ TargetUserName: 'Domänen-Admins', TargetDomainName: 'CORP' },
      ...{ TargetSid: `${domainSid}-512`, MemberSid: `${domainSid}-1104`, MemberName: '-' },
    };
    expect(added(fields)).toMatchObject([
      { subjectId: sidSubjectId(customerId, `${domainSid}-1104`), ruleId: 'domain-admin' },
    ]);
  });

  it('is found by its name where no identifier is told', () => {
    const fields = {
      ...{ TargetUserName: 'Domain Admins', TargetDomainName: 'CORP', MemberSid: 'CORP\\ann' },
    };
    expect(added(fields)).toMatchObject([{ subjectId: idOf('CORP\\ann') }]);
    const directory = {
      ...{ TargetUserName: 'Administrators', TargetDomainName: 'CORP' },
      MemberName: 'CN=bob,OU=Staff,DC=corp,DC=example',
    };
    expect(added(directory)).toMatchObject([
      { subjectId: idOf('CORP\\bob'), ruleId: 'local-administrator' },
    ]);
  });

  it('of a group that rules nothing is nothing', () => {
    expect(added({ TargetUserName: 'Users', MemberSid: `${domainSid}-1104` })).toEqual([]);
  });
});
