import { describe, expect, it } from '@jest/globals';
import { InvalidInputError, permissions } from '@vedette/service-kit';
import { grantableScopes, overlapEnd, parseExpiry, parseScopes } from './api-key-input.ts';

const now = new Date('2026-03-01T08:00:00Z');
const later = (days: number) => new Date(now.getTime() + days * 24 * 60 * 60 * 1_000);

describe("a key's scopes", () => {
  it('are what software may read, unless others are named', () => {
    expect(parseScopes(null)).toContain('case:read');
    expect(parseScopes(undefined).filter((scope) => !scope.endsWith(':read'))).toEqual([]);
    expect(parseScopes(['case:write', 'case:read', 'case:write'])).toEqual([
      'case:write',
      'case:read',
    ]);
  });

  it('are never what no software may do', () => {
    for (const scopes of [
      [],
      ['user:write'],
      ['case:read', 'api-key:write'],
      ['*'],
      ['__proto__'],
    ]) {
      expect(() => parseScopes(scopes)).toThrow(InvalidInputError);
    }
    expect(() => parseScopes([])).toThrow('is empty');
    expect(() => parseScopes(['user:write'])).toThrow("names 'user:write', which is none of");
    for (const scope of grantableScopes) expect(permissions[scope]).toContain('INTEGRATION');
  });
});

describe("a key's end", () => {
  it('is in 90 days, or when it is said, at most a year away', () => {
    expect(parseExpiry(null, now)).toEqual(later(90));
    expect(parseExpiry(later(365), now)).toEqual(later(365));
    for (const end of [now, later(-1)]) {
      expect(() => parseExpiry(end, now)).toThrow('is in the past');
    }
    expect(() => parseExpiry(later(367), now)).toThrow('is more than a year from now');
  });
});

describe('the overlap of two secrets', () => {
  it('is a day, or up to a week, and never longer than the key', () => {
    expect(overlapEnd(null, now, later(90))).toEqual(later(1));
    expect(overlapEnd(0, now, later(90))).toEqual(now);
    expect(overlapEnd(168, now, later(90))).toEqual(later(7));
    expect(overlapEnd(168, now, later(2))).toEqual(later(2));
    for (const hours of [-1, 169]) {
      expect(() => overlapEnd(hours, now, later(90))).toThrow('is not from 0 to 168');
    }
  });
});
