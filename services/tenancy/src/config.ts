import { exportsDirSetting, readEnvironment, serviceSettings } from '@vedette/service-kit';
import type { Environment } from '@vedette/service-kit';
import { z } from 'zod';

export const tenancySettings = serviceSettings.extend({
  SECRETS_KEY_FILE: z
    .string()
    .describe('JSON key ring that seals the ledger of deeds and what integrations prove'),
  EXPORTS_DIR: exportsDirSetting,
  ISSUERS_ALLOW_LOOPBACK: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('whether an OpenID provider may be on this machine, without TLS'),
  OPERATOR_ISSUER: z.url().describe("`iss` of the operator's own OpenID provider"),
  OPERATOR_JWKS_URL: z.url().describe('where its keys are'),
  OPERATOR_AUDIENCE: z.string().default('vedette').describe('`aud` that its tokens must name'),
  OPERATOR_ADMIN_SUBJECT: z
    .string()
    .min(1)
    .max(255)
    .describe('`sub` of the first administrator, who invites everybody else'),
});

export type TenancyConfig = z.output<typeof tenancySettings>;

/** @throws {ConfigError} all problems at once */
export function loadConfig(env: Environment): TenancyConfig {
  return readEnvironment(tenancySettings, env);
}
