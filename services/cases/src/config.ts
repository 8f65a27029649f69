import { exportsDirSetting, readEnvironment, serviceSettings } from '@vedette/service-kit';
import type { Environment, ServiceSettings } from '@vedette/service-kit';

export const casesSettings = serviceSettings.extend({ EXPORTS_DIR: exportsDirSetting });

export interface CasesConfig extends ServiceSettings {
  readonly EXPORTS_DIR: string;
}

/** @throws {ConfigError} all problems at once */
export function loadConfig(env: Environment): CasesConfig {
  return readEnvironment(casesSettings, env);
}
