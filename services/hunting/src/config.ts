import { isAbsolute } from 'node:path';
import { readEnvironment, readIdentityKeys, serviceSettings } from '@vedette/service-kit';
import type { Environment, IdentityKeys, ServiceSettings } from '@vedette/service-kit';
import { z } from 'zod';

export interface HuntingConfig extends ServiceSettings {
  readonly identityKeys: IdentityKeys;
}

/** Configuration of `hunting`. @throws {ConfigError} all problems at once */
export function loadConfig(env: Environment): HuntingConfig {
  const settings = readEnvironment(serviceSettings, env);
  return { ...settings, identityKeys: readIdentityKeys(settings.IDENTITY_PUBLIC_KEYS_FILE) };
}

/** The detector answers no queries, so it needs no identity keys. */
export const detectorSettings = serviceSettings.omit({ IDENTITY_PUBLIC_KEYS_FILE: true }).extend({
  HUNTING_RULES_DIRS: z
    .string()
    .transform((text) => text.split(',').filter((folder) => folder !== ''))
    .pipe(z.array(z.string().refine(isAbsolute, 'folders are absolute paths')).min(1))
    .describe('folders with Sigma rules, separated by commas'),
});

export type DetectorConfig = z.output<typeof detectorSettings>;

/** Configuration of `hunting-detector`. @throws {ConfigError} all problems at once */
export function loadDetectorConfig(env: Environment): DetectorConfig {
  return readEnvironment(detectorSettings, env);
}
