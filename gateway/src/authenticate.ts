import { hash } from 'node:crypto';
import { digestMachineKey, parseMachineKey, UnauthenticatedError } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { unauthenticated } from './token-verifier.ts';
import type { VerifyToken } from './token-verifier.ts';
import type { Proof, Viewers } from './viewers.ts';

/** Holds back whoever sends what is refused again and again; the limits of a caller come later. */
export interface StrangerLimit {
  /** Rejects with RateLimitedError for an address that was refused too often of late. */
  admit(address: string): Promise<void>;
  countRefusal(address: string): void;
}

/** Takes an `Authorization` header and the caller's address, and says who asks. */
export type Authenticate = (authorization: string | undefined, address: string) => Promise<Viewer>;

const maxCredentialLength = 16_384;
const maxAccepted = 20_000;

/**
 * Turns a bearer credential, an API key or a token of a registered issuer, into a viewer. Whoever was
 * accepted before is not held up by what others send from the same address. Rejects with
 * UnauthenticatedError, the same for all that is wrong, with RateLimitedError, and with
 * UnavailableError while it cannot be said.
 */
export function createAuthenticator(options: {
  readonly verifyToken: VerifyToken;
  readonly viewers: Viewers;
  readonly strangers: StrangerLimit;
}): Authenticate {
  const { viewers, strangers } = options;
  /** Digests of what was accepted once; it is checked again each time. */
  const accepted = new Set<string>();

  const prove = async (credential: string, digest: string): Promise<Proof> =>
    credential.startsWith('vak_')
      ? proofOfKey(credential)
      : { kind: 'PERSON', ...(await options.verifyToken(credential, digest)) };

  return async (authorization, address) => {
    const [, credential] = /^Bearer ([^\s]+)$/i.exec(authorization ?? '') ?? [];
    const digest = hash('sha256', credential ?? '', 'base64');
    if (!accepted.has(digest)) await strangers.admit(address);
    try {
      if (!credential || credential.length > maxCredentialLength) {
        throw unauthenticated('there is no bearer credential');
      }
      const viewer = await viewers.find(await prove(credential, digest));
      if (accepted.size >= maxAccepted) accepted.clear();
      accepted.add(digest);
      return viewer;
    } catch (error) {
      if (error instanceof UnauthenticatedError) {
        accepted.delete(digest);
        strangers.countRefusal(address);
      }
      throw error;
    }
  };
}

function proofOfKey(credential: string): Proof {
  const key = parseMachineKey('vak', credential);
  if (!key) throw unauthenticated('the key is mistyped or cut');
  return {
    kind: 'API_KEY',
    publicId: key.publicId,
    sha256: digestMachineKey(key).toString('base64'),
  };
}
