import { readEnvironment, serviceSettings } from '@vedette/service-kit';
import type { Environment, ServiceSettings } from '@vedette/service-kit';

export type CasesConfig = ServiceSettings;

/** @throws {ConfigError} all problems at once */
export function loadConfig(env: Environment): CasesConfig {
  return readEnvironment(serviceSettings, env);
}
