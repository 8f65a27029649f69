import type { ConnectorDefinition } from './connector-definition.ts';
import { awsCloudtrail } from './aws-cloudtrail/aws-cloudtrail.ts';
import { awsGuardduty } from './aws-guardduty/aws-guardduty.ts';
import { cloudOptix } from './cloud-optix/cloud-optix.ts';
import { ecsJson } from './ecs-json/ecs-json.ts';
import { ocsfJson } from './ocsf-json/ocsf-json.ts';
import { okta } from './okta/okta.ts';
import { sophosCentral } from './sophos-central/sophos-central.ts';
import { m365Audit } from './m365-audit/m365-audit.ts';
import { entraId } from './entra-id/entra-id.ts';
import { osquery } from './osquery/osquery.ts';
import { sophosFirewall } from './sophos-firewall/sophos-firewall.ts';
import { windowsEvents } from './windows-events/windows-events.ts';
import { zeek } from './zeek/zeek.ts';

export type {
  ConnectorDefinition,
  ConnectorSettings,
  JsonRecord,
  RecordProblem,
} from './connector-definition.ts';
export { readRecords } from './read-records.ts';

const connectors = {
  'windows-events': windowsEvents,
  'entra-id': entraId,
  'm365-audit': m365Audit,
  'sophos-central': sophosCentral,
  'aws-cloudtrail': awsCloudtrail,
  'aws-guardduty': awsGuardduty,
  'cloud-optix': cloudOptix,
  'ecs-json': ecsJson,
  'ocsf-json': ocsfJson,
  okta,
  osquery,
  'sophos-firewall': sophosFirewall,
  zeek,
} as const satisfies Readonly<Record<string, ConnectorDefinition>>;

/** A kind of source that we can read. */
export type ConnectorType = keyof typeof connectors;

/** Every kind of source that we can read. */
export const connectorTypes = Object.keys(connectors) as readonly ConnectorType[];

/** Tells whether a text names a connector type. */
export function isConnectorType(value: unknown): value is ConnectorType {
  return typeof value === 'string' && Object.hasOwn(connectors, value);
}

/** How a connector type is read. */
export function connectorOf(type: ConnectorType): ConnectorDefinition {
  return connectors[type];
}
