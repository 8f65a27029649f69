import { describe, expect, it } from '@jest/globals';
import { IllegalStateError } from '@vedette/service-kit';
import { isOfItsProvider, requireServed } from './customer.ts';

describe('a customer', () => {
  it("is looked after by its provider's people and by the operator's, who are of none", () => {
    expect(isOfItsProvider({ providerId: 'alder' }, { providerId: 'alder' })).toBe(true);
    expect(isOfItsProvider({ providerId: 'alder' }, { providerId: 'birch' })).toBe(false);
    expect(isOfItsProvider({}, { providerId: 'birch' })).toBe(true);
  });

  it('whose service has ended says so to who wants more of it', () => {
    expect(() => requireServed({ isServed: true }, 'ROTATE')).not.toThrow();
    const details = { state: 'OFFBOARDED', attempted: 'ROTATE' };
    expect(() => requireServed({ isServed: false }, 'ROTATE')).toThrow(
      new IllegalStateError('The customer is no longer served.', details),
    );
  });
});
