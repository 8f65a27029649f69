import { describe, expect, it } from '@jest/globals';
import { IllegalStateError, InvalidInputError } from '@vedette/service-kit';
import { aCustomer } from '../testing/customer-builders.ts';
import {
  beginPurge,
  bury,
  completedAt,
  completePurge,
  leavingServices,
  needsNewExport,
  nextToAnswer,
  offboard,
} from './customer-leaving.ts';
import type { AnsweredRequest, LeavingService, Receipt } from './customer-leaving.ts';

const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 1, 8, minute));

function receipt(service: LeavingService, minute: number): Receipt {
  return { service, receivedAt: at(minute), rows: 1, sha256: null, bytes: null, messages: 0 };
}

function asked(minute: number, receipts: readonly Receipt[] = []): AnsweredRequest {
  const ids = { requestId: 'export', customerId: 'customer', requestedBy: 'somebody' };
  return { ...ids, requestedAt: at(minute), receipts };
}

const everybody = leavingServices.map((service, index) => receipt(service, 10 + index));
const leaving = offboard(aCustomer(), at(5));

/** How a purge is refused. */
function refusalOf(begin: () => unknown): unknown {
  try {
    begin();
  } catch (error) {
    if (error instanceof IllegalStateError) return error.details['state'];
    throw error;
  }
  return 'begun';
}

describe('a request to all services', () => {
  it('is complete when the last of them has answered', () => {
    expect(completedAt(asked(5, everybody))).toEqual(at(10 + everybody.length - 1));
    for (const missing of leavingServices) {
      const receipts = everybody.filter(({ service }) => service !== missing);
      expect(completedAt(asked(5, receipts))).toBeNull();
    }
  });

  it('is not complete while tenancy has messages to delete, although all have answered', () => {
    const receipts = everybody.map((each) =>
      each.service === 'tenancy' ? { ...each, messages: null } : each,
    );
    expect(nextToAnswer(asked(5, receipts))).toBeNull();
    expect(completedAt(asked(5, receipts))).toBeNull();
  });

  it('is answered in the order in which data reaches the services', () => {
    const asking = leavingServices.map((_, n) => nextToAnswer(asked(5, everybody.slice(0, n))));
    expect(asking).toEqual(['ingestion', 'hunting', 'cases', 'tenancy']);
    expect(nextToAnswer(asked(5, everybody))).toBeNull();
  });
});

describe('a customer', () => {
  it('is off-boarded once', () => {
    expect(leaving).toMatchObject({ status: 'OFFBOARDED', offboardedAt: at(5), version: 2 });
    expect(refusalOf(() => offboard(leaving, at(6)))).toBe('OFFBOARDED');
  });

  it("is not off-boarded when it is its provider's own estate", () => {
    expect(refusalOf(() => offboard(aCustomer({ isOwnEstate: true }), at(5)))).toBe('OWN_ESTATE');
  });

  it('is exported anew unless an export is under way', () => {
    const customer = aCustomer();
    expect(needsNewExport(customer, null)).toBe(true);
    expect(needsNewExport(customer, asked(0))).toBe(false);
    expect(needsNewExport(leaving, asked(0, everybody.slice(1)))).toBe(false);
    expect(needsNewExport(leaving, asked(0, everybody))).toBe(true);
    for (const status of ['PURGING', 'PURGED'] as const) {
      expect(refusalOf(() => needsNewExport({ status }, null))).toBe(status);
    }
  });

  it('is purged after it was off-boarded and then exported by every service', () => {
    expect(beginPurge(leaving, asked(5, everybody), leaving.name)).toEqual({
      ...leaving,
      status: 'PURGING',
      version: 3,
    });
  });

  it.each([
    ['still served', aCustomer(), asked(6, everybody), 'ACTIVE'],
    ['never exported', leaving, null, 'NOT_EXPORTED'],
    ['exported only before it was off-boarded', leaving, asked(4, everybody), 'NOT_EXPORTED'],
    ['not exported by all', leaving, asked(5, everybody.slice(1)), 'EXPORTING'],
    ['being purged', { ...leaving, status: 'PURGING' as const }, asked(5, everybody), 'PURGING'],
    ['purged', { ...leaving, status: 'PURGED' as const }, asked(5, everybody), 'PURGED'],
  ])('is not purged when it is %s', (_, customer, lastExport, state) => {
    expect(refusalOf(() => beginPurge(customer, lastExport, customer.name))).toBe(state);
  });

  it('is not purged under another name', () => {
    for (const name of ['', 'harbour bakery', 'Harbour Bakery ', 'Harbour Clinic']) {
      expect(() => beginPurge(leaving, asked(5, everybody), name)).toThrow(InvalidInputError);
    }
  });

  it('leaves a tombstone with its id', () => {
    const known = aCustomer({ externalReference: 'C-1', region: 'DE', technologies: ['Sage'] });
    const purged = completePurge(bury({ ...known, status: 'PURGING' }));
    expect(purged).toEqual(aCustomer({ name: 'Purged customer', status: 'PURGED', version: 2 }));
  });
});
