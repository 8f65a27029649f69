import { symbols } from 'pino';
import { createLogger } from '../logger.ts';
import type { Logger } from '../logger.ts';

export interface CapturedLog {
  readonly logger: Logger;
  /** What was written until now, a line each. */
  readonly lines: string[];
  /** The last line, read. */
  last(): Record<string, unknown>;
}

/** A logger as the services have it, whose lines stay here instead of going to stdout. */
export function captureLog(): CapturedLog {
  const logger = createLogger({ service: 'probe', level: 'debug' });
  const lines: string[] = [];
  Object.assign(logger, { [symbols.streamSym]: { write: (line: string) => lines.push(line) } });
  return {
    logger,
    lines,
    last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>,
  };
}
