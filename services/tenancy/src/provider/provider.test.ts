import { describe, expect, it } from '@jest/globals';
import { IllegalStateError, roles } from '@vedette/service-kit';
import { freeze, liftFreeze, showFreeze } from './provider.ts';
import type { Freezable } from './provider.ts';

const free: Freezable = {
  frozenAt: null,
  frozenBy: null,
  freezeReason: null,
  liftRequestedBy: null,
  version: 1,
};
const at = new Date('2026-03-01T08:00:00Z');
const later = new Date('2026-03-01T09:00:00Z');
const frozen = freeze(free, { by: 'ana', at, reason: 'RMM was abused' });

describe('a provider', () => {
  it('is frozen, and stays so when it is frozen again', () => {
    expect(frozen).toEqual({
      ...{ frozenAt: at, frozenBy: 'ana', freezeReason: 'RMM was abused' },
      ...{ liftRequestedBy: null, version: 2 },
    });
    expect(freeze(frozen, { by: 'ben', at: later, reason: 'Again' })).toBe(frozen);
  });

  it('is freed by two people', () => {
    const asked = liftFreeze(frozen, 'ana');
    expect(asked).toEqual({ ...frozen, liftRequestedBy: 'ana' });
    expect(liftFreeze(asked, 'ben')).toEqual({ ...free, version: 3 });
  });

  it('is not freed by one person who asks twice', () => {
    const asked = liftFreeze(frozen, 'ana');
    expect(liftFreeze(asked, 'ana')).toBe(asked);
  });

  it('needs two people anew when somebody has frozen it again meanwhile', () => {
    const asked = liftFreeze(frozen, 'ana');
    const again = freeze(asked, { by: 'cem', at: later, reason: 'Not yet' });
    expect(again).toEqual({
      ...{ frozenAt: at, frozenBy: 'cem', freezeReason: 'Not yet' },
      ...{ liftRequestedBy: null, version: 3 },
    });
    expect(liftFreeze(again, 'ben').frozenAt).toEqual(at);
  });

  it('is not freed when it is not frozen', () => {
    expect(() => liftFreeze(free, 'ana')).toThrow(IllegalStateError);
  });

  it('shows its freeze to the operator and to its own people, and to nobody else', () => {
    const shown = roles.filter(
      (role) => showFreeze(frozen, { principalId: 'somebody', role, customerIds: [] }) !== null,
    );
    expect(shown).toEqual([
      ...['OPERATOR_ADMIN', 'OPERATOR_LEAD', 'OPERATOR_ANALYST'],
      ...['PROVIDER_ADMIN', 'PROVIDER_TECHNICIAN', 'PROVIDER_VIEWER'],
    ]);
    const admin = { principalId: 'somebody', role: 'PROVIDER_ADMIN', customerIds: [] } as const;
    expect(showFreeze(free, admin)).toBeNull();
  });
});
