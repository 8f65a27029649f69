import { defineSourceFields } from '../field-entry.ts';

const source = 'cloud-optix';

/** What an alert of Cloud Optix says, by the one name that each fact gets whatever the alert calls it. */
export const cloudOptixFields = [
  ...defineSourceFields(
    source,
    [2003],
    [
      ['complianceTags', 'compliance.standards.0', 'rule.ruleset'],
      ['alertStatus', 'compliance.status', null],
    ],
  ),
  ...defineSourceFields(
    source,
    [2003, 2004],
    [
      ['alertId', 'finding_info.uid', 'event.id'],
      ['alertTitle', 'finding_info.title', 'rule.name'],
      ['alertDescription', 'finding_info.desc', 'message'],
      ['alertType', 'finding_info.types.0', 'rule.category'],
      ['alertTime', 'finding_info.created_time', 'event.created', 'time'],
      ['updatedTime', 'finding_info.modified_time', null, 'time'],
      ['severity', null, 'log.level'],
      ['accountId', 'cloud.account.uid', 'cloud.account.id'],
      ['provider', 'cloud.provider', 'cloud.provider'],
      ['region', 'cloud.region', 'cloud.region'],
      ['resourceId', 'resources.0.uid', null],
    ],
  ),
];
