import { GraphQLError, TokenKind } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import { AppError, InvalidInputError, toError } from './errors.ts';
import type { Logger } from './logger.ts';
import { activeTraceId } from './telemetry.ts';

/** Codes that Apollo Server gives to requests which never reached a resolver; their messages are safe. */
const requestCodes = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
  'OPERATION_TOO_EXPENSIVE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/**
 * The one place where an error becomes GraphQL. Our own errors keep code, message and details; what
 * Apollo says about a request passes; all else is our bug: masked outside, whole in the log. Every
 * answer carries `extensions.traceId`.
 */
export function createErrorFormatter(
  logger: Logger,
): (formatted: GraphQLFormattedError, thrown: unknown) => GraphQLFormattedError {
  return (formatted, thrown) => {
    const error = withPlace(findCause(thrown), thrown);
    const position = {
      ...(formatted.path ? { path: formatted.path } : {}),
      ...(formatted.locations ? { locations: formatted.locations } : {}),
    };
    const traceId = activeTraceId();
    if (error instanceof AppError) {
      logger.info({ code: error.code, path: formatted.path, cause: error.cause }, error.message);
      return {
        ...position,
        message: error.message,
        extensions: { code: error.code, ...error.details, traceId },
      };
    }
    const code = formatted.extensions?.['code'];
    if (typeof code === 'string' && requestCodes.has(code)) {
      return { ...position, message: formatted.message, extensions: { code, traceId } };
    }
    logger.error({ err: toError(error), path: formatted.path }, 'unexpected error');
    return {
      ...position,
      message: 'Internal error.',
      extensions: { code: 'INTERNAL_SERVER_ERROR', traceId },
    };
  };
}

/** A scalar that refuses a value does not know where it stood; what GraphQL makes of its error does. */
function withPlace(error: unknown, thrown: unknown): unknown {
  if (!(error instanceof InvalidInputError) || !(thrown instanceof GraphQLError)) return error;
  const path = placeInVariables(thrown) ?? placeOfLiteral(thrown);
  if (path === null) return error;
  return new InvalidInputError(`'${path}' is not valid: ${error.message}`, [
    { path, problem: error.message },
  ]);
}

/** `Variable "$input" got invalid value "x" at "input.validFrom"; …`, without `at` for the whole of it. */
function placeInVariables({ message }: GraphQLError): string | null {
  const [, variable, place = variable] =
    /^Variable "\$(\w+)" got invalid value [\s\S]*?(?: at "([\w.[\]]+)")?; /.exec(message) ?? [];
  return place?.replaceAll(/\[(\d+)\]/g, '.$1') ?? null;
}

/** In the text of an operation, what stands before a value is its name and a colon. */
function placeOfLiteral({ nodes = [] }: GraphQLError): string | null {
  const [node] = nodes;
  const before = node?.kind.endsWith('Value') ? node.loc?.startToken.prev : null;
  return before?.kind === TokenKind.COLON ? (before.prev?.value ?? null) : null;
}

/** What a resolver, or a scalar that refused a value, has thrown: GraphQL wraps it, more than once. */
function findCause(thrown: unknown): unknown {
  let error = thrown;
  while (error instanceof GraphQLError && error.originalError) error = error.originalError;
  return error;
}
