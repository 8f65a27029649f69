import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '@vedette/service-kit';
import {
  issuerAlgorithms,
  newTokenRules,
  parseIssuer,
  parseJwksUrl,
  toTokenRules,
} from './issuer-input.ts';

const strict = { allowsLoopback: false };
const local = { allowsLoopback: true };
const given = { jwksUrl: 'https://id.example/jwks', audience: 'vedette' };

describe('an issuer', () => {
  it('is an https URL, kept letter by letter, since tokens are compared with it', () => {
    for (const issuer of [
      'https://id.example',
      'https://id.example/',
      'https://ID.example:8443/t/1',
    ]) {
      expect(parseIssuer('input.issuer', issuer, strict)).toBe(issuer);
    }
  });

  it('is nothing else', () => {
    for (const issuer of [
      ...['', 'id.example', 'http://id.example', 'ftp://id.example', 'javascript:alert(1)'],
      ...['https://user@id.example', 'https://:secret@id.example', 'https://id.example/#a'],
      ...['https://id.example?a=b', ' https://id.example', 'https://id.exa mple', 'https://'],
      ...['https://id.example/\n', `https://id.example/${'x'.repeat(1_000)}`],
    ]) {
      expect(() => parseIssuer('input.issuer', issuer, local)).toThrow(InvalidInputError);
    }
  });

  it('may be on this machine without TLS where that is allowed, and only there', () => {
    for (const issuer of ['http://127.0.0.1:4000/operator', 'http://localhost', 'http://[::1]:1']) {
      expect(parseIssuer('input.issuer', issuer, local)).toBe(issuer);
      expect(() => parseIssuer('input.issuer', issuer, strict)).toThrow(InvalidInputError);
    }
    for (const issuer of [
      'http://127.0.0.1.example',
      'http://localhost.example',
      'http://10.0.0.1',
    ]) {
      expect(() => parseIssuer('input.issuer', issuer, local)).toThrow(InvalidInputError);
    }
  });

  it('may have its keys behind a query, which some need', () => {
    const url = 'https://id.example/keys?policy=sign-in';
    expect(parseJwksUrl('input.jwksUrl', url, strict)).toBe(url);
  });
});

describe('how tokens are checked', () => {
  it('is by common asymmetric algorithms unless others are named', () => {
    expect(toTokenRules(given, newTokenRules, strict)).toEqual({
      ...given,
      ...{ algorithms: ['RS256', 'ES256', 'EdDSA'], mfaAcrValues: [] },
    });
  });

  it('never is by none or by a shared secret', () => {
    for (const algorithms of [[], ['none'], ['HS256'], ['RS256', 'HS512'], ['rs256']]) {
      expect(() => toTokenRules({ algorithms }, newTokenRules, strict)).toThrow(InvalidInputError);
    }
    expect(issuerAlgorithms.filter((algorithm) => /^(HS|none)/.test(algorithm))).toEqual([]);
  });

  it('stays as it was in what is left out', () => {
    const before = toTokenRules(given, newTokenRules, strict);
    const change = {
      algorithms: ['ES384', 'ES384'],
      mfaAcrValues: ['strong', 'strong'],
      audience: null,
    };
    expect(toTokenRules(change, before, strict)).toEqual({
      ...before,
      ...{ algorithms: ['ES384'], mfaAcrValues: ['strong'] },
    });
  });

  it('is refused with claims that no token has, or too many', () => {
    for (const change of [
      ...[{ audience: '' }, { audience: 'a\0b' }, { audience: 'x'.repeat(256) }],
      ...[{ mfaAcrValues: [''] }, { mfaAcrValues: Array.from({ length: 21 }, String) }],
    ]) {
      expect(() => toTokenRules(change, newTokenRules, strict)).toThrow(InvalidInputError);
    }
  });
});
