import { createOutbound, toError, UnavailableError } from '@vedette/service-kit';
import type { Logger } from '@vedette/service-kit';
import { createLocalJWKSet } from 'jose';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import { z } from 'zod';

/** Keys are read again after this, so that one that was withdrawn does not count for long. */
const freshMs = 10 * 60_000;
/** How long they are believed while the OpenID provider is away. */
const outageMs = 60 * 60_000;
/** Unknown key ids are free to make up: the provider is asked about them at most this often. */
const coolDownMs = 30_000;
const retryMs = 5_000;

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

/** Fetches a key set. Rejects when there is no usable answer. */
export type FetchKeySet = (url: string) => Promise<JSONWebKeySet>;

/** The signing keys of one OpenID provider, from its registered URL only. */
export interface IssuerKeys {
  /**
   * The keys at present: the same function as long as they are the same keys. Rejects with
   * UnavailableError when the provider could not be asked for an hour, or ever.
   */
  current(): Promise<JWTVerifyGetKey>;
  /** The keys read anew, or null when that is not possible or was done a moment ago. */
  renewed(): Promise<JWTVerifyGetKey | null>;
}

interface Held {
  readonly text: string;
  readonly find: JWTVerifyGetKey;
  readonly fetchedAt: number;
}

export function createIssuerKeys(options: {
  readonly jwksUrl: string;
  readonly fetchKeySet: FetchKeySet;
  readonly logger: Logger;
  readonly now: () => number;
}): IssuerKeys {
  const { jwksUrl, logger, now } = options;
  let held: Held | null = null;
  let nextAttemptAt = 0;
  let underWay: Promise<Held | null> | null = null;

  const load = async (): Promise<Held | null> => {
    try {
      const keys = await options.fetchKeySet(jwksUrl);
      const text = JSON.stringify(keys);
      const find = held?.text === text ? held.find : createLocalJWKSet(keys);
      held = { text, find, fetchedAt: now() };
      nextAttemptAt = now() + coolDownMs;
      return held;
    } catch (error) {
      nextAttemptAt = now() + retryMs;
      logger.warn({ err: toError(error), jwksUrl }, 'the keys of an issuer cannot be read');
      return null;
    } finally {
      underWay = null;
    }
  };
  const renew = async (): Promise<Held | null> => {
    if (!underWay && now() < nextAttemptAt) return null;
    return (underWay ??= load());
  };
  return {
    current: async () => {
      const age = held ? now() - held.fetchedAt : Infinity;
      if (held && age < outageMs) {
        if (age >= freshMs) void renew();
        return held.find;
      }
      const renewed = await renew();
      if (!renewed) throw new UnavailableError('identity provider');
      return renewed.find;
    },
    renewed: async () => (await renew())?.find ?? null,
  };
}

/**
 * Fetches key sets over https from public addresses.
 * @param allowLoopback also from this machine, over plain http: for a local OpenID provider
 */
export function createKeySetFetcher(allowLoopback: boolean): FetchKeySet {
  return async (text) => {
    const url = new URL(text);
    const outbound = createOutbound({
      // Only the operator's admins register issuers, so the port is theirs to choose.
      allowedPorts: [Number(url.port || (url.protocol === 'https:' ? 443 : 80))],
      allowHttp: allowLoopback,
      allowLoopback,
      connectTimeoutMs: 3_000,
      timeoutMs: 5_000,
      maxResponseBytes: 256 * 1024,
    });
    const { status, body, isTruncated } = await outbound.request(text);
    if (status !== 200 || isTruncated) throw new Error(`the key set was answered with ${status}`);
    return keySet.parse(JSON.parse(body.toString('utf8')));
  };
}
