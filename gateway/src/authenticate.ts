import { hash } from 'node:crypto';
import { digestMachineKey, parseMachineKey, UnauthenticatedError } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { unauthenticated } from './token-verifier.ts';
import type { VerifyToken } from './token-verifier.ts';
import type { Proof, Viewers } from './viewers.ts';

/** Holds back whoever sends what is refused again and again; the limits of a caller come later. */
export interface StrangerLimit {
  /** Rejects with RateLimitedError for whom, such as an address, was refused too often of late. */
  admit(whom: string): Promise<void>;
  countRefusal(whom: string): void;
}

/** Takes an `Authorization` header and the caller's address, and says who asks. */
export type Authenticate = (authorization: string | undefined, address: string) => Promise<Viewer>;

const maxCredentialLength = 16_384;
const maxAccepted = 20_000;

/**
 * Turns a bearer credential, an API key or a token of a registered issuer, into a viewer. What others
 * send from the same address holds up nobody who has a valid token, nor a key that was accepted before:
 * a credential is checked first, which costs a signature at most, and only what fails is counted. Rejects
 * with UnauthenticatedError, the same for all that is wrong, with RateLimitedError, and with
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

  const prove = async (credential: string, digest: string): Promise<Proof> => {
    if (!credential || credential.length > maxCredentialLength) {
      throw unauthenticated('there is no bearer credential');
    }
    if (credential.startsWith('vak_')) return proofOfKey(credential);
    return { kind: 'PERSON', ...(await options.verifyToken(credential, digest)) };
  };
  const countIfRefused = (error: unknown, whom: string, digest: string): void => {
    if (!(error instanceof UnauthenticatedError)) return;
    accepted.delete(digest);
    strangers.countRefusal(whom);
  };
  const proveWithin = async (
    address: string,
    credential: string,
    digest: string,
  ): Promise<Proof> => {
    try {
      return await prove(credential, digest);
    } catch (error) {
      if (error instanceof UnauthenticatedError) await strangers.admit(address);
      countIfRefused(error, address, digest);
      throw error;
    }
  };

  return async (authorization, address) => {
    const [, credential = ''] = /^Bearer ([^\s]+)$/i.exec(authorization ?? '') ?? [];
    const digest = hash('sha256', credential, 'base64');
    const proof = await proveWithin(address, credential, digest);
    const whom = strangerOf(proof, address);
    if (!accepted.has(digest)) await strangers.admit(whom);
    try {
      const viewer = await viewers.find(proof);
      if (accepted.size >= maxAccepted) accepted.clear();
      accepted.add(digest);
      return viewer;
    } catch (error) {
      countIfRefused(error, whom, digest);
      throw error;
    }
  };
}

/**
 * Who is held back when tenancy does not know the proof. Only the owner of a registered issuer can sign
 * for a person, so each counts alone; a key that nobody has anybody can make up, wherever they are.
 */
function strangerOf(proof: Proof, address: string): string {
  return proof.kind === 'PERSON'
    ? `person ${proof.issuerId} ${proof.subject}`
    : `keys of ${address}`;
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
