import { InvalidInputError } from '@vedette/service-kit';
import type { z } from 'zod';
import type {
  ConnectorDefinition,
  ConnectorSettings,
  JsonRecord,
} from '../connectors/connector-definition.ts';

/** The longest that settings or credentials may be as JSON text. */
const maxLength = 64 * 1024;

/**
 * What is set for a connector, as its definition reads it.
 * @throws {InvalidInputError} names each setting that is missing, unknown or wrong
 */
export function parseSettings(
  definition: Pick<ConnectorDefinition, 'settings'>,
  given: unknown,
): ConnectorSettings {
  return parseWith(definition.settings, given, 'input.settings');
}

/**
 * What a connector signs in with. Problems name parts and quote nothing of them.
 * @throws {InvalidInputError} a part is missing, unknown or wrong, or the source is never called
 */
export function parseCredentials(
  definition: Pick<ConnectorDefinition, 'credentials'>,
  given: unknown,
): JsonRecord {
  if (!definition.credentials) {
    throw new InvalidInputError('This type of connector signs in nowhere.', [
      { path: 'input.credentials', problem: 'not taken by this type' },
    ]);
  }
  return parseWith(definition.credentials, given, 'input.credentials');
}

function parseWith(schema: z.ZodType, given: unknown, path: string): JsonRecord {
  if (JSON.stringify(given ?? {}).length > maxLength) {
    throw new InvalidInputError(`'${path}' is longer than ${maxLength} characters.`, [
      { path, problem: 'too long' },
    ]);
  }
  const parsed = schema.safeParse(given ?? {});
  if (parsed.success) return parsed.data as JsonRecord;
  const byPath = new Map(
    parsed.error.issues.map((issue) => [
      [path, ...issue.path.map(String)].join('.'),
      issue.message,
    ]),
  );
  const fields = [...byPath].map(([name, problem]) => ({ path: name, problem }));
  const named = fields.map((field) => `${field.path}: ${field.problem}`).join('; ');
  throw new InvalidInputError(
    `What was given does not fit this type of connector. ${named}`,
    fields,
  );
}
