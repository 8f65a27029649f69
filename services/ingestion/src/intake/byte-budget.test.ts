import { describe, expect, it } from '@jest/globals';
import { createByteBudget } from './byte-budget.ts';

function statusOf(work: () => void): number | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as { status: number }).status;
  }
}

describe('the budget of bytes', () => {
  it('takes the only request of a customer, however large it is', () => {
    const one = createByteBudget({ total: 100, perCustomer: 10 }).reserve('a');
    expect(statusOf(() => one.grow(60))).toBeUndefined();
    expect(statusOf(() => one.grow(30))).toBeUndefined();
  });

  it('refuses a further request of a customer that holds too much, and no other customer', () => {
    const budget = createByteBudget({ total: 100, perCustomer: 10 });
    budget.reserve('a').grow(9);
    expect(statusOf(() => budget.reserve('a').grow(2))).toBe(429);
    expect(statusOf(() => budget.reserve('b').grow(2))).toBeUndefined();
  });

  it('refuses everybody when all together hold too much', () => {
    const budget = createByteBudget({ total: 100, perCustomer: 50 });
    budget.reserve('a').grow(50);
    budget.reserve('b').grow(50);
    expect(statusOf(() => budget.reserve('c').grow(1))).toBe(503);
  });

  it('is free again when a request ends', () => {
    const budget = createByteBudget({ total: 100, perCustomer: 10 });
    const first = budget.reserve('a');
    first.grow(10);
    first.shrink(4);
    expect(statusOf(() => budget.reserve('a').grow(5))).toBe(429);
    first.release();
    first.release();
    expect(statusOf(() => budget.reserve('a').grow(10))).toBeUndefined();
    expect(statusOf(() => budget.reserve('b').grow(90))).toBeUndefined();
  });
});
