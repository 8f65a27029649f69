import { refuseInput } from '../input.ts';

/** Signature algorithms that can be believed: asymmetric ones, so that knowing a key signs nothing. */
export const issuerAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

const defaultAlgorithms = ['RS256', 'ES256', 'EdDSA'] as const;
const maxUrlLength = 1_000;
const maxClaimLength = 255;
const maxAcrValues = 20;

/** What an OpenID provider's tokens are checked by. */
export interface TokenRules {
  readonly jwksUrl: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  readonly mfaAcrValues: readonly string[];
}

/** Token rules as they were given: what is left out keeps what it was. */
export interface TokenRulesInput {
  readonly jwksUrl?: string | null;
  readonly audience?: string | null;
  readonly algorithms?: readonly string[] | null;
  readonly mfaAcrValues?: readonly string[] | null;
}

export const newTokenRules: TokenRules = {
  jwksUrl: '',
  audience: '',
  algorithms: defaultAlgorithms,
  mfaAcrValues: [],
};

/**
 * Checks changed token rules.
 * @throws {InvalidInputError} one of them is not usable
 */
export function toTokenRules(
  input: TokenRulesInput,
  before: TokenRules,
  options: { readonly allowsLoopback: boolean },
): TokenRules {
  return {
    jwksUrl:
      typeof input.jwksUrl === 'string'
        ? parseJwksUrl('input.jwksUrl', input.jwksUrl, options)
        : before.jwksUrl,
    audience:
      typeof input.audience === 'string'
        ? parseClaim('input.audience', input.audience)
        : before.audience,
    algorithms: input.algorithms ? parseAlgorithms(input.algorithms) : before.algorithms,
    mfaAcrValues: input.mfaAcrValues ? parseAcrValues(input.mfaAcrValues) : before.mfaAcrValues,
  };
}

/**
 * Checks an `iss`, which stays as it was written: tokens are compared with it letter by letter. OpenID
 * Connect Discovery allows no query and no fragment in it.
 * @throws {InvalidInputError} not an https URL; `http` is for the loopback of a local stack
 */
export function parseIssuer(
  path: string,
  text: string,
  options: { readonly allowsLoopback: boolean },
): string {
  if (text.includes('?')) refuseInput(path, 'has a query, which no issuer has');
  return parseJwksUrl(path, text, options);
}

/**
 * Checks the address of an issuer's keys.
 * @throws {InvalidInputError} not an https URL; `http` is for the loopback of a local stack
 */
export function parseJwksUrl(
  path: string,
  text: string,
  { allowsLoopback }: { readonly allowsLoopback: boolean },
): string {
  const url = text.length <= maxUrlLength ? URL.parse(text) : null;
  const isBare = url?.username === '' && url.password === '' && !/[\s#]/.test(text);
  const isTrusted =
    url?.protocol === 'https:' || (allowsLoopback && url?.protocol === 'http:' && isLoopback(url));
  if (!isBare || !isTrusted) refuseInput(path, 'is not an https URL');
  return text;
}

function isLoopback({ hostname }: URL): boolean {
  return /^127(\.\d{1,3}){3}$/.test(hostname) || hostname === '[::1]' || hostname === 'localhost';
}

function parseAlgorithms(algorithms: readonly string[]): readonly string[] {
  const known: readonly string[] = issuerAlgorithms;
  if (algorithms.length === 0) refuseInput('input.algorithms', 'is empty');
  const unknown = algorithms.find((algorithm) => !known.includes(algorithm));
  if (unknown !== undefined) {
    const name = unknown.slice(0, 100);
    refuseInput('input.algorithms', `names '${name}', which is none of ${known.join(', ')}`);
  }
  return [...new Set(algorithms)];
}

function parseAcrValues(values: readonly string[]): readonly string[] {
  if (values.length > maxAcrValues) {
    refuseInput('input.mfaAcrValues', `has more than ${maxAcrValues}`);
  }
  return [...new Set(values.map((value) => parseClaim('input.mfaAcrValues', value)))];
}

/** What stands in a token (`aud`, `sub`, `acr`) is compared as it is, so nothing is trimmed. */
export function parseClaim(path: string, text: string): string {
  if (text === '') refuseInput(path, 'is empty');
  if (text.length > maxClaimLength) {
    refuseInput(path, `is longer than ${maxClaimLength} characters`);
  }
  if (text.includes('\0') || !text.isWellFormed()) refuseInput(path, 'is not text');
  return text;
}
