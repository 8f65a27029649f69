import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { exportsDirSetting, readEnvironment, serviceSettings } from '@vedette/service-kit';
import type { Environment } from '@vedette/service-kit';
import { z } from 'zod';

const folders = z.string().transform((text, context): readonly string[] => {
  const paths = text.split(',').filter((path) => path !== '');
  if (paths.length === 0) context.addIssue({ code: 'custom', message: 'names no folder' });
  for (const [index, path] of paths.entries()) {
    const problem = findProblem(path);
    if (problem) context.addIssue({ code: 'custom', message: `folder ${index + 1} ${problem}` });
  }
  return paths;
});

function findProblem(path: string): string | null {
  if (!isAbsolute(path)) return 'is not an absolute path';
  try {
    if (!statSync(path).isDirectory()) return 'is not a folder';
    accessSync(path, constants.R_OK | constants.X_OK);
    return null;
  } catch {
    // Whatever keeps us out of it: the operator has to look at the same path.
    return 'does not exist or cannot be read';
  }
}

const rulesSetting = {
  HUNTING_RULES_DIRS: folders.describe('folders with Sigma rules, separated by commas'),
};

export const huntingSettings = serviceSettings.extend({
  EXPORTS_DIR: exportsDirSetting,
  ...rulesSetting,
});

export type HuntingConfig = z.output<typeof huntingSettings>;

/** Configuration of `hunting`. @throws {ConfigError} all problems at once */
export function loadConfig(env: Environment): HuntingConfig {
  return readEnvironment(huntingSettings, env);
}

/** The detector answers no queries, so it needs no identity keys. */
export const detectorSettings = serviceSettings
  .omit({ IDENTITY_PUBLIC_KEYS_FILE: true })
  .extend(rulesSetting);

export type DetectorConfig = z.output<typeof detectorSettings>;

/** Configuration of `hunting-detector`. @throws {ConfigError} all problems at once */
export function loadDetectorConfig(env: Environment): DetectorConfig {
  return readEnvironment(detectorSettings, env);
}
