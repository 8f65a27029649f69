import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '@vedette/service-kit';
import { parseMandate } from './mandate-input.ts';
import type { MandateInput } from './mandate-input.ts';

const now = new Date('2026-03-01T08:00:00Z');

function anInput(changed: Partial<MandateInput> = {}): MandateInput {
  return {
    signatory: { name: 'Inken Thomsen' },
    documentSha256: 'AB'.repeat(32),
    highestMode: 'COLLABORATE',
    ...changed,
  };
}

/** What an input is refused with; null when it is taken. */
function refusedFor(changed: Partial<MandateInput>): string | null {
  try {
    parseMandate('input.mandate', anInput(changed), now);
    return null;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const fields = error.details['fields'] as readonly {
      readonly path: string;
      readonly problem: string;
    }[];
    return fields.map(({ path, problem }) => `${path.slice(14)} ${problem}`).join();
  }
}

describe('what a mandate says', () => {
  it('holds from now on, until it is revoked, and opts in to nothing, unless it says so', () => {
    expect(parseMandate('input.mandate', anInput(), now)).toEqual({
      signatoryName: 'Inken Thomsen',
      signatoryTitle: null,
      signatoryEmail: null,
      documentSha256: 'ab'.repeat(32),
      highestMode: 'COLLABORATE',
      mayActUnanswered: false,
      sharesIndicators: false,
      validFrom: now,
      validUntil: null,
    });
  });

  it.each<[string, Partial<MandateInput>, string | null]>([
    ['no signatory', { signatory: { name: '  ' } }, 'signatory.name is empty'],
    [
      'no e-mail address',
      { signatory: { name: 'I', email: 'inken' } },
      'signatory.email is not an e-mail address',
    ],
    [
      'a hash that is too short',
      { documentSha256: 'ab' },
      'documentSha256 is not a SHA-256 in hexadecimal',
    ],
    [
      'a hash with other letters',
      { documentSha256: 'xy'.repeat(32) },
      'documentSha256 is not a SHA-256 in hexadecimal',
    ],
    [
      'an end that is its begin',
      { validFrom: now, validUntil: now },
      'validUntil is not after validFrom',
    ],
    [
      'an end before its begin',
      { validUntil: new Date('2026-02-01') },
      'validUntil is not after validFrom',
    ],
    [
      'an end that is over already',
      { validFrom: new Date('2025-01-01'), validUntil: new Date('2026-01-01') },
      'validUntil is in the past',
    ],
    ['ten years', { validUntil: new Date('2036-03-01T08:00:00Z') }, null],
    [
      'more than ten years',
      { validUntil: new Date('2036-03-01T08:00:00.001Z') },
      'validUntil is more than 10 years after validFrom',
    ],
    ['a begin in the past', { validFrom: new Date('2026-01-01') }, null],
    [
      'a begin in another decade',
      { validFrom: new Date('2037-01-01') },
      'validFrom is more than 10 years from now',
    ],
    [
      'a begin long ago',
      { validFrom: new Date('2001-01-01') },
      'validFrom is more than 10 years ago',
    ],
  ])('with %s is told what is wrong, and where', (_, changed, problem) => {
    expect(refusedFor(changed)).toBe(problem);
  });
});
