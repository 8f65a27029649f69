import { activeTraceId, createErrorFormatter } from '@vedette/service-kit';
import type { ErrorCode, Logger } from '@vedette/service-kit';
import type { GraphQLFormattedError } from 'graphql';

/** The codes that a subgraph's answer may carry outside; listed as a record so that none is forgotten. */
const publicCodes: Readonly<Record<ErrorCode, true>> = {
  BAD_USER_INPUT: true,
  UNAUTHENTICATED: true,
  FORBIDDEN: true,
  NOT_FOUND: true,
  ILLEGAL_STATE: true,
  CONFLICT: true,
  UNAVAILABLE: true,
  RATE_LIMITED: true,
  OPERATION_TOO_EXPENSIVE: true,
  PLAN_REQUIRED: true,
};

/**
 * What leaves the platform. A subgraph has already made its error safe, and still only a public
 * code passes with message and details; everything else is masked here a second time. The trace id
 * is the gateway's own, which all subgraphs share.
 */
export function createGatewayErrorFormatter(
  logger: Logger,
): (formatted: GraphQLFormattedError, thrown: unknown) => GraphQLFormattedError {
  const formatOwn = createErrorFormatter(logger);
  return (formatted, thrown) => {
    const {
      code,
      serviceName,
      traceId: _,
      stacktrace: __,
      ...details
    } = formatted.extensions ?? {};
    const traceId = activeTraceId();
    // Clients that try a persisted query first send the whole one when they read this code.
    if (code === 'PERSISTED_QUERY_NOT_SUPPORTED') {
      return { message: formatted.message, extensions: { code, traceId } };
    }
    // The gateway library marks with `serviceName` what a subgraph has answered.
    if (serviceName === undefined) return formatOwn(formatted, thrown);
    const position = formatted.path ? { path: formatted.path } : {};
    if (typeof code === 'string' && Object.hasOwn(publicCodes, code)) {
      return { ...position, message: formatted.message, extensions: { ...details, code, traceId } };
    }
    logger.error({ subgraph: serviceName, code, path: formatted.path }, formatted.message);
    return {
      ...position,
      message: 'Internal error.',
      extensions: { code: 'INTERNAL_SERVER_ERROR', traceId },
    };
  };
}
