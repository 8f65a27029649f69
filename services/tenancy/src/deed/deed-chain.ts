import { createHash } from 'node:crypto';

/** What a deed's hash covers, besides the hash of the one before it. */
export interface DeedFacts {
  readonly ledger: string;
  /** Whose affair it was then; a customer may have another provider since. */
  readonly providerId: string;
  readonly customerId: string | null;
  /** From 1, rising by one within the ledger. */
  readonly sequence: number;
  readonly deedId: string;
  readonly at: Date;
  readonly actor: string;
  readonly actorRole: string;
  readonly kind: string;
  readonly targetType: string;
  readonly targetId: string;
  /** From what to what, sealed: the hash stands also when the key is gone. */
  readonly sealedChange: string;
}

export interface ChainedDeed extends DeedFacts {
  readonly previousHash: Buffer;
  readonly hash: Buffer;
}

/** What the first deed of a ledger has for a hash before it. */
export const noHash = Buffer.alloc(32);

/** SHA-256 over the hash before and the facts, as a JSON array in a fixed order. */
export function hashDeed(previousHash: Buffer, deed: DeedFacts): Buffer {
  const facts = [
    ...[deed.ledger, deed.providerId, deed.customerId, deed.sequence, deed.deedId],
    ...[deed.at.toISOString(), deed.actor, deed.actorRole, deed.kind],
    ...[deed.targetType, deed.targetId, deed.sealedChange],
  ];
  return createHash('sha256').update(previousHash).update(JSON.stringify(facts)).digest();
}

/**
 * Names the first deed of a ledger that was changed, or that one is missing before it; null when the
 * chain is whole. Deeds cut off at the end do not show: that needs a checkpoint kept elsewhere.
 * @param deeds all of one ledger, by sequence
 */
export function findBrokenDeed(deeds: readonly ChainedDeed[]): number | null {
  let previousHash: Buffer = noHash;
  for (const [index, deed] of deeds.entries()) {
    const isNext = deed.sequence === index + 1 && deed.previousHash.equals(previousHash);
    if (!isNext || !hashDeed(previousHash, deed).equals(deed.hash)) return deed.sequence;
    previousHash = deed.hash;
  }
  return null;
}
