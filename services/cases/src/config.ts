import { readEnvironment, readIdentityKeys, serviceSettings } from '@vedette/service-kit';
import type { Environment, IdentityKeys, ServiceSettings } from '@vedette/service-kit';

export interface CasesConfig extends ServiceSettings {
  readonly identityKeys: IdentityKeys;
}

/** @throws {ConfigError} all problems at once */
export function loadConfig(env: Environment): CasesConfig {
  const settings = readEnvironment(serviceSettings, env);
  return { ...settings, identityKeys: readIdentityKeys(settings.IDENTITY_PUBLIC_KEYS_FILE) };
}
