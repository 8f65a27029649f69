import { readEnvironment, serviceSettings } from '@vedette/service-kit';
import type { Environment, ServiceSettings } from '@vedette/service-kit';

export type TenancyConfig = ServiceSettings;

/** @throws {ConfigError} all problems at once */
export function loadConfig(env: Environment): TenancyConfig {
  return readEnvironment(serviceSettings, env);
}
