import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { toError } from './errors.ts';
import { identityKeySet } from './identity.ts';

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
      const name = String(issue.path[0]);
      return given[name] === undefined ? `${name} is not set` : `${name}: ${issue.message}`;
    }),
  );
}

/**
 * The path of a JSON file, which is replaced by what the file holds.
 * @param what what it has to hold, for the operator
 */
function jsonFileSetting<T>(schema: z.ZodType<T>, what: string) {
  return z.string().transform((file, context): T => {
    const read = readJson(file);
    const parsed = schema.safeParse(read.value);
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: read.problem ?? `the file is not ${what}` });
    return z.NEVER;
  });
}

/** A TCP port. */
export const portSetting = z.coerce.number().int().min(1).max(65_535);

const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'must be a postgres:// URL',
});
const natsUrl = z.url({ protocol: /^(nats|tls)$/, error: 'must be a nats:// or tls:// URL' });

/** What every service process needs; a service's `config.ts` extends it with its own. */
export const serviceSettings = z.object({
  SERVICE_HOST: z.string().default('127.0.0.1').describe('address to listen on'),
  SERVICE_PORT: portSetting.describe('port of health checks and of the subgraph'),
  DATABASE_URL: postgresUrl.describe('PostgreSQL URL of the runtime role'),
  DATABASE_OWNER_URL: postgresUrl
    .optional()
    .describe('PostgreSQL URL of the owner role; when set, the process migrates before it starts'),
  DATABASE_POOL_SIZE: z.coerce
    .number()
    .int()
    .min(1)
    .max(6)
    .default(4)
    .describe('connections at most'),
  NATS_URL: natsUrl.describe('NATS URL, with credentials where needed'),
  IDENTITY_PUBLIC_KEYS_FILE: jsonFileSetting(identityKeySet, 'a JWK set').describe(
    "JWKS file with the gateway's identity-token keys",
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url()
    .optional()
    .describe('OTLP/HTTP endpoint; without it no span leaves'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('lowest level logged'),
});

/** Settings by name; one that names a JSON file is what the file holds. */
export type ServiceSettings = z.output<typeof serviceSettings>;

/** Reads a JSON file that a setting points to. @throws {ConfigError} missing or not JSON */
export function readJsonFile(setting: string, file: string): unknown {
  const { value, problem } = readJson(file);
  if (problem !== undefined) throw new ConfigError([`${setting}: ${problem}`]);
  return value;
}

/** Neither the file nor its path is quoted: one may hold a key, the other be one by mistake. */
function readJson(file: string): { readonly value?: unknown; readonly problem?: string } {
  try {
    return { value: JSON.parse(readFileSync(file, 'utf8')) };
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: 'the file is not JSON' };
    const { code, name } = toError(error) as NodeJS.ErrnoException;
    return { problem: `the file cannot be read (${code ?? name})` };
  }
}
