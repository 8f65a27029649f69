import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { toError } from './errors.ts';

/** Every problem of a configuration at once; the message is what the operator reads. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length} problem(s):\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads an object schema whose keys are environment variables. Empty strings count as absent.
 * @throws {ConfigError} names every variable that is missing or wrong, never its value
 */
export function readEnvironment<S extends z.ZodObject>(schema: S, env: Environment): z.output<S> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).map((name) => [name, env[name] === '' ? undefined : env[name]]),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map((issue) => {
      const name = issue.path.join('.');
      return given[name] === undefined ? `${name} is not set` : `${name}: ${issue.message}`;
    }),
  );
}

/** A TCP port. */
export const portSetting = z.coerce.number().int().min(1).max(65_535);

/** What every service process needs; a service's `config.ts` extends it with its own. */
export const serviceSettings = z.object({
  SERVICE_HOST: z.string().default('127.0.0.1').describe('address to listen on'),
  SERVICE_PORT: portSetting.describe('port of health checks and of the subgraph'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('PostgreSQL URL of the runtime role'),
  DATABASE_OWNER_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe('PostgreSQL URL of the owner role; when set, the process migrates before it starts'),
  DATABASE_POOL_SIZE: z.coerce
    .number()
    .int()
    .min(1)
    .max(6)
    .default(4)
    .describe('connections at most'),
  NATS_URL: z.url({ protocol: /^(nats|tls)$/ }).describe('NATS URL, with credentials where needed'),
  IDENTITY_PUBLIC_KEYS_FILE: z
    .string()
    .describe("JWKS file with the gateway's identity-token keys"),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url()
    .optional()
    .describe('OTLP/HTTP endpoint; without it no span leaves'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('lowest level logged'),
});

export type ServiceSettings = z.output<typeof serviceSettings>;

/** Reads a JSON file that a setting points to. @throws {ConfigError} missing or not JSON */
export function readJsonFile(setting: string, file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // A syntax error quotes the file, which may hold a key.
    const reason = error instanceof SyntaxError ? 'not JSON' : toError(error).message;
    throw new ConfigError([`${setting}: cannot read JSON from '${file}' (${reason})`]);
  }
}
