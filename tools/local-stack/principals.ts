import { join } from 'node:path';
import { importJWK, SignJWT, type JWK } from 'jose';
import { readJson, writeJson } from './data-files.ts';
import { toKeyFiles } from './keys.ts';

/** Somebody who may ask the local gateway, as the access token says it. */
export interface Principal {
  readonly id: string;
  readonly role: string;
  readonly providerId?: string;
  readonly customerIds?: readonly string[] | 'ALL';
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

export interface AccessToken {
  readonly id: string;
  readonly token: string;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
}

const issuer = 'vedette-local';
const audience = 'vedette';
const lifeSeconds = 3600;

const principalsFile = (dataDir: string) => join(dataDir, 'principals.json');
const sensorsFile = (dataDir: string) => join(dataDir, 'sensors.json');

/** By key, such as `operatorAdmin`. Empty before the first tenants exist. */
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

/** Signs a token that the local gateway believes for one hour. */
export async function signAccessToken(dataDir: string, principal: Principal): Promise<AccessToken> {
  const jwk = await readJson<JWK>(toKeyFiles(dataDir).accessTokenPrivate);
  if (jwk === null) throw new Error(`there are no keys in ${dataDir}: run 'up' first`);
  const issuedAt = Math.floor(Date.now() / 1000);
  const token = await new SignJWT({
    role: principal.role,
    ...(principal.providerId === undefined ? {} : { provider_id: principal.providerId }),
    ...(principal.customerIds === undefined ? {} : { customer_ids: principal.customerIds }),
  })
    .setProtectedHeader({ alg: 'EdDSA', ...(jwk.kid === undefined ? {} : { kid: jwk.kid }) })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(principal.id)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifeSeconds)
    .sign(await importJWK(jwk, 'EdDSA'));
  const expiresAt = new Date((issuedAt + lifeSeconds) * 1000).toISOString();
  return { id: principal.id, token, expiresAt };
}
