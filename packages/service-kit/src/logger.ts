import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import type { Logger } from 'pino';

export type { Logger } from 'pino';

/** Keys that may hold a credential, wherever they stand in a logged object. */
const secretKeys = ['password', 'secret', 'token', 'key', 'authorization', 'DATABASE_URL', 'NATS_URL'];

/**
 * Structured log on stdout. ERROR means that a person must act; a refused request is INFO, a
 * retried message is WARN. The trace id of the active span is added to every line.
 */
export function createLogger(options: { readonly service: string; readonly level?: string }): Logger {
  return pino({
    level: options.level ?? 'info',
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => {
      const span = trace.getActiveSpan();
      return span ? { traceId: span.spanContext().traceId } : {};
    },
  });
}
