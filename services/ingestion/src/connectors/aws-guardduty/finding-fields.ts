import { firstOf, readDotted } from '../cloud-record.ts';
import type { JsonRecord } from '../connector-definition.ts';
import type { DraftFields } from '../record-fields.ts';

/**
 * The fields of a finding by EventBridge's names, which are in camel case: the API's capitals are lowered
 * (`Service.Action.ActionType` is `service.action.actionType`). A name that is all capitals at its start is data
 * (`AWS::S3::Bucket`) and stays.
 */
export function readFinding(record: JsonRecord): DraftFields {
  const fields = readDotted(record);
  for (const name of Object.keys(fields)) {
    const camel = name.replaceAll(/(?<=^|\.)[A-Z](?=[a-z0-9])/g, (letter) => letter.toLowerCase());
    const value = fields[name];
    if (camel === name || value === undefined) continue;
    fields[camel] ??= value;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- renamed; the record without prototype is ours
    delete fields[name];
  }
  addSecurityHubFacts(fields);
  addEndpoints(fields);
  return fields;
}

const hub = 'productFields.aws/guardduty/service/';

/** Security Hub's form of a finding says some facts under other names; they get GuardDuty's as well. */
function addSecurityHubFacts(fields: DraftFields): void {
  if (fields.awsAccountId === undefined) return;
  copyMissing(fields, 'accountId', 'awsAccountId');
  copyMissing(fields, 'type', 'types');
  fields.type = firstOf(fields.type) ?? null;
  for (const name of Object.keys(fields)) {
    if (!name.startsWith(hub)) continue;
    copyMissing(fields, `service.${name.slice(hub.length).replaceAll('/', '.')}`, name);
  }
}

function copyMissing(fields: DraftFields, to: string, from: string): void {
  const value = fields[from];
  if (value !== undefined && fields[to] === undefined) fields[to] = value;
}

const action = 'service.action.';

/** Where each kind of action tells the other side. */
const remotes = [
  'awsApiCallAction.remoteIpDetails',
  'kubernetesApiCallAction.remoteIpDetails',
  'rdsLoginAttemptAction.remoteIpDetails',
  'portProbeAction.portProbeDetails.remoteIpDetails',
] as const;

/**
 * Who connected to whom, as `sourceIp`, `sourcePort`, `destinationIp`, `destinationPort`: the other side is the source
 * but for a connection that went out. Of several probes, the first.
 */
function addEndpoints(fields: DraftFields): void {
  const connection = `${action}networkConnectionAction.`;
  const isOut = fields[`${connection}connectionDirection`] === 'OUTBOUND';
  const [remote, local] = isOut ? ['destination', 'source'] : ['source', 'destination'];
  copyFirst(fields, `${remote}Ip`, [
    `${connection}remoteIpDetails.ipAddressV4`,
    `${connection}remoteIpDetails.ipAddressV6`,
    ...remotes.flatMap((place) => [
      `${action}${place}.ipAddressV4`,
      `${action}${place}.ipAddressV6`,
    ]),
  ]);
  copyFirst(fields, `${remote}Port`, [`${connection}remotePortDetails.port`]);
  const probe = `${action}portProbeAction.portProbeDetails.`;
  copyFirst(fields, `${local}Ip`, [
    `${connection}localIpDetails.ipAddressV4`,
    `${probe}localIpDetails.ipAddressV4`,
  ]);
  copyFirst(fields, `${local}Port`, [
    `${connection}localPortDetails.port`,
    `${probe}localPortDetails.port`,
  ]);
}

function copyFirst(fields: DraftFields, to: string, names: readonly string[]): void {
  for (const name of names) {
    const first = firstOf(fields[name]);
    if (first === undefined || first === null || first === '') continue;
    fields[to] ??= first;
    return;
  }
}
