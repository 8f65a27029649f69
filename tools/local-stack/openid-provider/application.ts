import type { IssuerName } from '../people.ts';

/** The one application: public, with PKCE, on any port of the loopback address (RFC 8252). */
export const client = { id: 'vedette-cli', redirectUri: 'http://127.0.0.1/signed-in' } as const;

/** `aud` of access tokens. */
export const audience = 'vedette';

/** `acr` of a sign-in with a second factor. */
export const mfaAcr = 'urn:vedette:acr:mfa';

/** An issuer's identifier, which is also where it is. */
export function toIssuerUrl(providerUrl: string, issuer: IssuerName): string {
  return `${providerUrl}/${issuer}`;
}

export function toJwksUrl(issuerUrl: string): string {
  return `${issuerUrl}/jwks`;
}
