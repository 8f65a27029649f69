import { signIn, type SignedIn } from './openid-provider/sign-in.ts';
import { readPassword } from './openid-provider/secrets.ts';
import { people } from './people.ts';
import { readIntegration, readPrincipals, type AccessToken } from './principals.ts';
import { findSupervisor, readRunRecord, type RunRecord } from './run-record.ts';

/** Every key of `principals` in `endpoints.json`. */
export const principalKeys: readonly string[] = [
  ...people.map(({ principal }) => principal),
  'integration',
];

/**
 * What a principal shows to the gateway: for a person a fresh access token of the running stack's
 * OpenID provider, for the integration its API key.
 * @throws {Error} there is no such principal, nothing runs, or the provider refuses
 */
export async function obtainToken(dataDir: string, key: string): Promise<string> {
  if (!principalKeys.includes(key)) {
    throw new Error(`there is no principal '${key}'; known: ${principalKeys.join(', ')}`);
  }
  const record = (await findSupervisor(dataDir)) === null ? null : await readRunRecord(dataDir);
  if (record === null) throw new Error(`nothing is running for ${dataDir}: run 'up' first`);
  if (key === 'integration') {
    const integration = await readIntegration(dataDir);
    if (integration !== null) return integration.token;
    throw new Error(`the first run of ${dataDir} has not made the integration yet`);
  }
  return (await signInAs(dataDir, record, key)).accessToken;
}

/** The same for all principals that exist by now; null for the others. */
export async function obtainTokens(
  dataDir: string,
  record: RunRecord,
): Promise<Readonly<Record<string, AccessToken | null>>> {
  const known = await readPrincipals(dataDir);
  const tokens = principalKeys.map(async (key) => {
    if (key === 'integration') return [key, await readIntegration(dataDir)] as const;
    const principal = known[key];
    if (principal === undefined) return [key, null] as const;
    const { accessToken: token, expiresAt } = await signInAs(dataDir, record, key);
    return [key, { id: principal.id, token, expiresAt }] as const;
  });
  return Object.fromEntries(await Promise.all(tokens));
}

async function signInAs(
  dataDir: string,
  { infrastructure }: RunRecord,
  key: string,
): Promise<SignedIn> {
  const person = people.find(({ principal }) => principal === key);
  const provider = infrastructure.find(({ name }) => name === 'oidc');
  const password = await readPassword(dataDir);
  if (!person || !provider || password === null) {
    throw new Error(`there is no OpenID provider for ${dataDir}`);
  }
  return signIn(provider.url, person, password);
}
