import { AppError, createOutbound } from '@vedette/service-kit';
import type { Outbound, OutboundRequest, OutboundResponse } from '@vedette/service-kit';
import { z } from 'zod';
import type { JsonRecord } from '../../connector-definition.ts';
import { CentralFailure } from './central-failure.ts';

/** An answer, as JSON. */
export interface CentralAnswer {
  readonly status: number;
  readonly body: JsonRecord;
  readonly retryAfterSeconds: number | null;
}

export interface CentralTransport {
  /** @throws {CentralFailure} no answer, or one that is no JSON object */
  send(url: string, request: OutboundRequest): Promise<CentralAnswer>;
}

const limits = {
  connectTimeoutMs: 10_000,
  timeoutMs: 60_000,
  // A thousand events, each with all that it can have.
  maxResponseBytes: 32 * 1024 * 1024,
} as const;

const jsonObject = z.record(z.string(), z.unknown());

/** @param simulatorPort of a stand-in on this machine, which is then reached instead of public addresses by https */
export function createCentralTransport(simulatorPort: number | null): CentralTransport {
  const outbound = createOutbound(
    simulatorPort === null
      ? { ...limits, allowedPorts: [443] }
      : { ...limits, allowedPorts: [simulatorPort], allowHttp: true, allowLoopback: true },
  );
  return {
    send: async (url, request) => {
      const response = await sendOutbound(outbound, url, request);
      return {
        status: response.status,
        body: readBody(response),
        retryAfterSeconds: readRetryAfter(response.headers['retry-after']),
      };
    },
  };
}

async function sendOutbound(
  outbound: Outbound,
  url: string,
  request: OutboundRequest,
): Promise<OutboundResponse> {
  try {
    return await outbound.request(url, request);
  } catch (cause) {
    if (cause instanceof AppError) {
      throw new CentralFailure('UNAVAILABLE', 'Sophos Central does not answer.', { cause });
    }
    throw cause;
  }
}

/** An error's body may be of a proxy on the way, and is not needed: only a good answer has to be readable. */
function readBody({ status, body, isTruncated }: OutboundResponse): JsonRecord {
  try {
    if (isTruncated) throw new Error('the answer is too long');
    return jsonObject.parse(JSON.parse(body.toString('utf8')));
  } catch (cause) {
    if (status >= 400) return {};
    throw new CentralFailure('UNREADABLE', 'Sophos Central answered what cannot be read.', {
      cause,
    });
  }
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function readRetryAfter(header: string | undefined): number | null {
  if (header === undefined) return null;
  const seconds = /^\d+$/.test(header)
    ? Number(header)
    : Math.ceil((Date.parse(header) - Date.now()) / 1_000);
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
