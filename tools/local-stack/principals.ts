import { join } from 'node:path';
import { readJson, writeJson } from './data-files.ts';

/** Somebody who may ask the local gateway, as tenancy knows them. */
export interface Principal {
  readonly id: string;
}

/** A connector that takes events from one customer's sensors. */
export interface Sensor {
  readonly customerId: string;
  readonly providerId: string;
  readonly connectorId: string;
  readonly connectorType: string;
  /** What the sensor shows to ingestion. */
  readonly key: string;
}

/** What a principal shows to the gateway: a person's access token, or an integration's API key. */
export interface AccessToken {
  readonly id: string;
  readonly token: string;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
}

const principalsFile = (dataDir: string) => join(dataDir, 'principals.json');
const integrationFile = (dataDir: string) => join(dataDir, 'keys', 'integration.json');
const sensorsFile = (dataDir: string) => join(dataDir, 'sensors.json');

/** People by key, such as `operatorAdmin`. Empty before the first tenants exist. */
export async function readPrincipals(
  dataDir: string,
): Promise<Readonly<Record<string, Principal>>> {
  return (await readJson<Record<string, Principal>>(principalsFile(dataDir))) ?? {};
}

export function writePrincipals(
  dataDir: string,
  principals: Readonly<Record<string, Principal>>,
): Promise<void> {
  return writeJson(principalsFile(dataDir), principals);
}

export async function readSensors(dataDir: string): Promise<readonly Sensor[]> {
  return (await readJson<Sensor[]>(sensorsFile(dataDir))) ?? [];
}

export function writeSensors(dataDir: string, sensors: readonly Sensor[]): Promise<void> {
  return writeJson(sensorsFile(dataDir), sensors);
}

/** The API key that is the principal `integration`; null before it was made. */
export function readIntegration(dataDir: string): Promise<AccessToken | null> {
  return readJson<AccessToken>(integrationFile(dataDir));
}

export function writeIntegration(dataDir: string, key: AccessToken): Promise<void> {
  return writeJson(integrationFile(dataDir), key);
}
