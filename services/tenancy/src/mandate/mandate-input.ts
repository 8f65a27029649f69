import {
  parseEmail,
  parseLabel,
  parseName,
  parseOptional,
  parseSha256,
  refuseInput,
} from '../input.ts';
import type { Mandate, ResponseMode } from './mandate.ts';

export interface MandateInput {
  readonly signatory: {
    readonly name: string;
    readonly title?: string | null;
    readonly email?: string | null;
  };
  readonly documentSha256: string;
  readonly highestMode: ResponseMode;
  readonly mayActUnanswered?: boolean | null;
  readonly sharesIndicators?: boolean | null;
  readonly validFrom?: Date | null;
  readonly validUntil?: Date | null;
}

/** What a mandate says, as opposed to who recorded it and when. */
export type MandateContent = Omit<
  Mandate,
  'mandateId' | 'customerId' | 'number' | 'recordedAt' | 'recordedBy' | 'revokedAt'
>;

/** A mandate is signed anew at least every ten years, and none begins further away than that. */
const maxYears = 10;

/**
 * Reads what a mandate says. One that begins and has no begin given begins now.
 * @throws {InvalidInputError} problems name fields under `path`
 */
export function parseMandate(path: string, input: MandateInput, now: Date): MandateContent {
  const { signatory } = input;
  const validFrom = input.validFrom ?? now;
  const validUntil = input.validUntil ?? null;
  if (validFrom > inYears(now, maxYears)) {
    refuseInput(`${path}.validFrom`, `is more than ${maxYears} years from now`);
  }
  if (validFrom < inYears(now, -maxYears)) {
    refuseInput(`${path}.validFrom`, `is more than ${maxYears} years ago`);
  }
  if (validUntil) checkEnd(`${path}.validUntil`, validUntil, validFrom, now);
  return {
    signatoryName: parseName(signatory.name, `${path}.signatory.name`),
    signatoryTitle: parseOptional(`${path}.signatory.title`, signatory.title, parseLabel),
    signatoryEmail: parseOptional(`${path}.signatory.email`, signatory.email, parseEmail),
    documentSha256: parseSha256(`${path}.documentSha256`, input.documentSha256),
    highestMode: input.highestMode,
    mayActUnanswered: input.mayActUnanswered ?? false,
    sharesIndicators: input.sharesIndicators ?? false,
    validFrom,
    validUntil,
  };
}

function checkEnd(path: string, validUntil: Date, validFrom: Date, now: Date): void {
  if (validUntil <= validFrom) refuseInput(path, 'is not after validFrom');
  if (validUntil <= now) refuseInput(path, 'is in the past');
  if (validUntil > inYears(validFrom, maxYears)) {
    refuseInput(path, `is more than ${maxYears} years after validFrom`);
  }
}

function inYears(from: Date, years: number): Date {
  const date = new Date(from);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date;
}
