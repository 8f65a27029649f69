import { describe, expect, it } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import fc from 'fast-check';
import { findBrokenDeed, hashDeed, noHash } from './deed-chain.ts';
import type { ChainedDeed, DeedFacts } from './deed-chain.ts';

const ledger = newId();

function facts(sequence: number): DeedFacts {
  return {
    ...{ ledger, providerId: newId(), customerId: ledger },
    ...{ sequence, deedId: newId(), at: new Date('2026-03-01T08:00:00Z') },
    ...{ actor: 'olga', actorRole: 'OPERATOR_ADMIN', kind: 'policy.set' },
    ...{ targetType: 'Customer', targetId: newId(), sealedChange: `sealed ${sequence}` },
  };
}

function aLedger(length: number): ChainedDeed[] {
  let previousHash: Buffer = noHash;
  return Array.from({ length }, (_, index) => {
    const deed = facts(index + 1);
    const hash = hashDeed(previousHash, deed);
    const chained = { ...deed, previousHash, hash };
    previousHash = hash;
    return chained;
  });
}

/** Whatever somebody could write over a deed without the hashes following. */
const changes: Readonly<Record<string, Partial<ChainedDeed>>> = {
  'its time': { at: new Date('2027-01-01T00:00:00Z') },
  'who did it': { actor: 'mallory' },
  'as what': { actorRole: 'PROVIDER_ADMIN' },
  'what was done': { kind: 'policy.read' },
  'what it was done to': { targetId: newId() },
  'from what to what': { sealedChange: 'other' },
  'under which provider': { providerId: newId() },
  'about which customer': { customerId: newId() },
  'whether it is about a customer': { customerId: null },
  'its id': { deedId: newId() },
  'its hash': { hash: Buffer.alloc(32, 1) },
  'the hash before it': { previousHash: Buffer.alloc(32, 1) },
};

describe('a ledger of deeds', () => {
  it('is whole when nobody has touched it', () => {
    fc.assert(fc.property(fc.nat(20), (length) => findBrokenDeed(aLedger(length)) === null));
  });

  it.each(Object.entries(changes))('shows the first deed of which %s was changed', (_, change) => {
    const deeds = aLedger(5);
    const changed = deeds.map((deed) => (deed.sequence === 3 ? { ...deed, ...change } : deed));
    expect(findBrokenDeed(changed)).toBe(3);
  });

  it('shows where one was taken out, put in, or swapped with another', () => {
    const [first, second, third, fourth] = aLedger(4);
    if (!first || !second || !third || !fourth) throw new Error('four deeds were made');
    expect(findBrokenDeed([first, third, fourth])).toBe(3);
    expect(findBrokenDeed([second, third, fourth])).toBe(2);
    expect(findBrokenDeed([first, second, second, third])).toBe(2);
    expect(findBrokenDeed([first, third, second, fourth])).toBe(3);
  });

  it('shows a change whose own hash was computed again, by the next deed', () => {
    const [first, second, third] = aLedger(3);
    if (!first || !second || !third) throw new Error('three deeds were made');
    const forged = { ...second, actor: 'mallory' };
    const hashed = { ...forged, hash: hashDeed(first.hash, forged) };
    expect(findBrokenDeed([first, hashed, third])).toBe(3);
  });
});
