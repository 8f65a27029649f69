import { UsageError } from '../cli/usage-error.ts';

/**
 * Every port of the local stack as its distance from `--port-base` (default 4000), on the loopback
 * address. The n-th replica of a process uses the same distances 100 × n further on.
 */
export const portOffsets = {
  gateway: 0,
  ingestHttp: 1,
  postgres: 2,
  nats: 3,
  oidc: 4,
  ingestSyslogUdp: 5,
  ingestSyslogTcp: 6,
  ingestSyslogTls: 7,
  ingestOsquery: 8,
  tenancy: 10,
  ingestion: 20,
  ingestionHistory: 21,
  hunting: 30,
  huntingDetector: 31,
  cases: 40,
} as const;

export const defaultPortBase = 4000;
export const replicaStride = 100;
export const maxReplicas = 10;

/** @throws {UsageError} not a number, or too near to an end of the range */
export function parsePortBase(text: string): number {
  const base = Number(text);
  const highest = 65_535 - replicaStride * maxReplicas;
  if (Number.isInteger(base) && base >= 1024 && base <= highest) return base;
  throw new UsageError(`--port-base must be a whole number from 1024 to ${highest}, not '${text}'`);
}
