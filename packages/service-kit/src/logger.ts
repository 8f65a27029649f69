import { trace } from '@opentelemetry/api';
import { destination, pino, stdSerializers } from 'pino';
import type { Logger } from 'pino';

export type { Logger } from 'pino';

/** Keys that may hold a credential, on the first three levels of what is logged. */
const credentialKeys = [
  'password',
  'secret',
  'token',
  'key',
  'authorization',
  'DATABASE_URL',
  'NATS_URL',
];

/** Where the errors of TypeORM and pg quote the values of a statement. */
const valueKeys = ['parameters', 'detail'];

/**
 * Structured log on stdout. ERROR means that a person must act; a refused request is INFO, a
 * retried message is WARN. The trace id of the active span is added to every line.
 */
export function createLogger(options: {
  readonly service: string;
  readonly level?: string;
}): Logger {
  return pino(
    {
      level: options.level ?? 'info',
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [...credentialKeys, ...valueKeys].flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
        censor: '[redacted]',
      },
      // An Error under another key than `err` would be logged as nothing.
      serializers: { cause: stdSerializers.err },
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => {
        const span = trace.getActiveSpan();
        return span ? { traceId: span.spanContext().traceId } : {};
      },
    },
    // Written at once: else a process that exits would mix up, or lose, what it said last.
    destination({ dest: 1, sync: true }),
  );
}
