import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aCustomer } from '../testing/customer-builders.ts';
import type { ImportedContent } from './import-row.ts';
import { planImport } from './plan-import.ts';
import type { KeyedRow, KnownCustomer, PlannedRow } from './plan-import.ts';

function known(
  externalReference: string | null,
  name: string,
  changes: Partial<KnownCustomer> = {},
): KnownCustomer {
  const customerId = `id of ${name}`;
  return {
    ...aCustomer({ customerId, externalReference, name }),
    nameKey: name.toLowerCase(),
    ...changes,
  };
}

function row(line: number, content: ImportedContent, problems: readonly string[] = []): KeyedRow {
  const { externalReference, name } = content;
  const nameKey = name.toLowerCase();
  return {
    ...{ line, externalReference, name, nameKey, problems },
    content: problems.length > 0 ? null : content,
  };
}

const rows = (...pairs: readonly (readonly [reference: string, name: string])[]): KeyedRow[] =>
  pairs.map(([externalReference, name], index) => row(index + 2, { externalReference, name }));

const outcomesOf = (plan: readonly PlannedRow[]): string[] =>
  plan.map(({ outcome, problems }) => [outcome, ...problems].join(': '));

/** The customers once a plan was carried out. */
function carryOut(
  customers: readonly KnownCustomer[],
  plan: readonly PlannedRow[],
): KnownCustomer[] {
  const after = new Map(customers.map((each) => [each.customerId, each]));
  for (const { content, known: before, line, outcome } of plan) {
    if (!content || outcome === 'UNCHANGED') continue;
    const customer = before ?? known(null, '', { customerId: `made by line ${line}` });
    const nameKey = content.name.toLowerCase();
    after.set(customer.customerId, { ...customer, ...content, nameKey });
  }
  return [...after.values()];
}

describe('the plan of an import', () => {
  it('makes who is new, changes who is known by its reference, leaves who is already so', () => {
    const customers = [known('C-1', 'One'), known('C-2', 'Two')];
    const plan = planImport(customers, rows(['C-1', 'One'], ['C-2', 'Second'], ['C-3', 'Three']));
    expect(outcomesOf(plan)).toEqual(['UNCHANGED', 'UPDATED', 'CREATED']);
    expect(plan.map(({ known: about }) => about?.name)).toEqual(['One', 'Two', undefined]);
    expect(plan[2]?.content).toEqual({
      ...{ externalReference: 'C-3', name: 'Three', plan: 'STANDARD' },
      ...{ sector: null, size: null, region: null, technologies: [], exposure: [] },
    });
  });

  it('leaves what a row does not say', () => {
    const customers = [known('C-1', 'One', { plan: 'ADVANCED', region: 'DE' })];
    const content = { externalReference: 'C-1', name: 'One', region: 'AT' };
    const [planned] = planImport(customers, [row(2, content)]);
    expect(planned?.content).toMatchObject({ plan: 'ADVANCED', region: 'AT' });
  });

  it('rejects a second row with the same reference or name, and names the first', () => {
    const plan = planImport(
      [],
      rows(['C-1', 'One'], ['C-1', 'Two'], ['C-2', 'ONE'], ['C-1', 'one']),
    );
    expect(outcomesOf(plan)).toEqual([
      'CREATED',
      'REJECTED: externalReference stands in line 2 already',
      'REJECTED: name stands in line 2 already',
      'REJECTED: externalReference stands in line 2 already: name stands in line 2 already',
    ]);
  });

  it('lets two customers swap their names, and three pass theirs round', () => {
    const customers = [known('C-1', 'One'), known('C-2', 'Two'), known('C-3', 'Three')];
    const swap = planImport(customers, rows(['C-1', 'Two'], ['C-2', 'One']));
    expect(outcomesOf(swap)).toEqual(['UPDATED', 'UPDATED']);
    const round = planImport(customers, rows(['C-1', 'Two'], ['C-2', 'Three'], ['C-3', 'One']));
    expect(outcomesOf(round)).toEqual(['UPDATED', 'UPDATED', 'UPDATED']);
  });

  it('lets a new customer have the name that another one gives up', () => {
    const plan = planImport([known('C-1', 'One')], rows(['C-9', 'One'], ['C-1', 'Other']));
    expect(outcomesOf(plan)).toEqual(['CREATED', 'UPDATED']);
  });

  it('rejects the row whose name another customer keeps, and no other', () => {
    const customers = [known(null, 'Own estate'), known('C-1', 'One')];
    const plan = planImport(customers, rows(['C-1', 'own Estate'], ['C-2', 'Two']));
    expect(outcomesOf(plan)).toEqual([
      'REJECTED: another customer of the provider has this name',
      'CREATED',
    ]);
  });

  it('rejects along a chain, since who is rejected keeps its name', () => {
    const customers = [known('C-1', 'One'), known('C-2', 'Two'), known('C-3', 'Three')];
    const clash = 'REJECTED: another customer of the provider has this name';
    const plan = planImport(customers, rows(['C-1', 'Two'], ['C-2', 'Three'], ['C-4', 'One']));
    expect(outcomesOf(plan)).toEqual([clash, clash, clash]);
  });

  it('rejects rows of a customer that is no longer served, whose name may be had once it is purged', () => {
    const customers = [
      known('C-1', 'One', { status: 'OFFBOARDED' }),
      known('C-2', 'Two', { status: 'PURGING', nameKey: null }),
    ];
    const plan = planImport(customers, rows(['C-1', 'Uno'], ['C-3', 'One'], ['C-4', 'Two']));
    expect(outcomesOf(plan)).toEqual([
      'REJECTED: the customer with this externalReference is no longer served',
      'REJECTED: another customer of the provider has this name',
      'CREATED',
    ]);
  });
});

const reference = fc.constantFrom('C-1', 'C-2', 'C-3', 'C-4');
const name = fc.constantFrom('One', 'one', 'Two', 'Three', 'Four', 'Five');
const customers = fc
  .uniqueArray(fc.tuple(fc.option(reference), name, fc.constantFrom('ACTIVE', 'OFFBOARDED')), {
    selector: ([, each]) => each.toLowerCase(),
  })
  .map((entries) =>
    entries
      .filter(
        ([own], index) => entries.findIndex(([other]) => own && other === own) >= index || !own,
      )
      .map(([own, each, status]) =>
        known(own, each, { status: status as KnownCustomer['status'] }),
      ),
  );
const file = fc
  .array(fc.tuple(reference, name, fc.option(fc.constantFrom('DE', 'AT')), fc.boolean()))
  .map((entries) =>
    entries.map(([externalReference, each, region, isBroken], index) =>
      row(
        index + 2,
        { externalReference, name: each, ...(region ? { region } : {}) },
        isBroken ? ['is broken'] : [],
      ),
    ),
  );

describe('whatever is imported', () => {
  it('is unchanged when it is imported again, and rejected where it was', () => {
    fc.assert(
      fc.property(customers, file, (before, given) => {
        const first = planImport(before, given);
        const second = planImport(carryOut(before, first), given);
        expect(outcomesOf(second)).toEqual(
          outcomesOf(first).map((outcome) => outcome.replace(/^(CREATED|UPDATED)/, 'UNCHANGED')),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves no two customers with one name or one reference', () => {
    fc.assert(
      fc.property(customers, file, (before, given) => {
        const after = carryOut(before, planImport(before, given));
        const names = after.map(({ nameKey }) => nameKey);
        const references = after.flatMap(({ externalReference }) => externalReference ?? []);
        expect(new Set(names).size).toBe(names.length);
        expect(new Set(references).size).toBe(references.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('rejects a sound row only because of something that it names', () => {
    fc.assert(
      fc.property(customers, file, (before, given) => {
        const plan = planImport(before, given);
        expect(plan.map(({ line }) => line)).toEqual(given.map(({ line }) => line));
        for (const { outcome, problems, content } of plan) {
          expect(outcome === 'REJECTED').toBe(problems.length > 0);
          expect(content === null).toBe(outcome === 'REJECTED');
        }
      }),
    );
  });
});
