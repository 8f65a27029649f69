import { toError, UnavailableError } from '@vedette/service-kit';
import type { Logger } from '@vedette/service-kit';
import { decodeJwt, errors } from 'jose';
import { z } from 'zod';
import { unauthenticated } from './token-verifier.ts';
import type { Issuer, VerifyToken } from './token-verifier.ts';

const refreshMs = 30_000;
const retryMs = 1_000;

const issuersAnswer = z.object({
  issuers: z.array(
    z.object({
      issuerId: z.uuid(),
      issuer: z.string().min(1),
      jwksUrl: z.url(),
      audience: z.string().min(1),
      algorithms: z.array(z.string()),
      mfaAcrValues: z.array(z.string()),
    }),
  ),
});

/** The registered issuers as tenancy has them. */
export interface Issuers {
  /** Verifies a token by the issuer that it names, if that one is registered. */
  readonly verify: VerifyToken;
  /**
   * Reads them now, and from then on every thirty seconds; the last answer counts meanwhile. Resolves
   * after the first attempt, which may have failed.
   */
  start(): Promise<void>;
  reload(): Promise<void>;
  isLoaded(): boolean;
  stop(): void;
}

/**
 * Keeps the registered issuers. One that has not changed keeps its verifier, and with it its keys and
 * what was verified; of one that has changed or gone nothing is kept.
 */
export function createIssuers(options: {
  /** Tenancy's answer to `GET /internal/issuers`. */
  readonly load: () => Promise<unknown>;
  readonly createVerifier: (issuer: Issuer) => VerifyToken;
  readonly logger: Logger;
}): Issuers {
  let verifiers: ReadonlyMap<string, { as: string; verify: VerifyToken }> | null = null;
  let asked = 0;
  let answered = 0;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const reload = async (): Promise<void> => {
    const turn = ++asked;
    try {
      const { issuers } = issuersAnswer.parse(await options.load());
      // An answer that was overtaken by a later one is out of date.
      if (turn < answered) return;
      answered = turn;
      const before = verifiers;
      verifiers = new Map(
        issuers.map((issuer) => {
          const as = JSON.stringify(issuer);
          const known = before?.get(issuer.issuer);
          if (known?.as === as) return [issuer.issuer, known];
          return [issuer.issuer, { as, verify: options.createVerifier(issuer) }];
        }),
      );
    } catch (error) {
      options.logger.warn({ err: toError(error) }, 'the issuers cannot be read from tenancy');
    }
  };
  const tick = async (): Promise<void> => {
    await reload();
    if (!isStopped) timer = setTimeout(() => void tick(), verifiers ? refreshMs : retryMs);
  };
  return {
    verify: async (token, digest) => {
      if (!verifiers) throw new UnavailableError('tenancy');
      const known = verifiers.get(namedIssuer(token));
      if (!known) throw unauthenticated('the issuer is not registered');
      return known.verify(token, digest);
    },
    start: tick,
    reload,
    isLoaded: () => verifiers !== null,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** Not verified: good for choosing among the registered issuers, and for nothing else. */
function namedIssuer(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch (error) {
    if (error instanceof errors.JOSEError) throw unauthenticated('it is not a token');
    throw error;
  }
}
