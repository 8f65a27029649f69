import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldCase } from './fold-case.ts';
import { findersFor } from './literal-finders.ts';
import { SparseAutomaton } from './sparse-automaton.ts';
import { AtomTable, type Atom, type Literal, type Place } from './literal.ts';

function atomsOf(literals: readonly Literal[]): readonly Atom[] {
  const table = new AtomTable();
  return literals.map(({ place, text }) => table.atom(0, { place, text: foldCase(text) }));
}

/** What the finders tell of a text, as an event view asks them. */
function found(atoms: readonly Atom[], text: string): readonly number[] {
  const seen = new Set<number>();
  const sink = { pass: 1, see: (id: number): void => void seen.add(id) };
  const folded = foldCase(text);
  for (const finder of findersFor(atoms)) {
    if (!finder.find(text, sink) || finder.isBeyondAscii) finder.find(folded, sink);
  }
  return [...seen].sort((a, b) => a - b);
}

function naive(atoms: readonly Atom[], text: string): readonly number[] {
  const folded = foldCase(text);
  const holds: Readonly<Record<Place, (literal: string) => boolean>> = {
    EQUALS: (literal) => folded === literal,
    STARTS: (literal) => folded.startsWith(literal),
    ENDS: (literal) => folded.endsWith(literal),
    ANYWHERE: (literal) => folded.includes(literal),
  };
  const ids = atoms.filter(({ place, text: literal }) => holds[place](literal)).map(({ id }) => id);
  return [...new Set(ids)].sort((a, b) => a - b);
}

// A small alphabet, so that literals overlap and are suffixes of each other; with letters whose case folds oddly.
const char = fc.constantFrom(...Array.from('aAbB\\.-ſKİςΣä😀'));
const text = (minLength: number, maxLength: number) =>
  fc.array(char, { minLength, maxLength }).map((chars) => chars.join(''));
const place = fc.constantFrom<Place>('EQUALS', 'STARTS', 'ENDS', 'ANYWHERE');
const literal = fc.record({ place, text: text(1, 4) });
const longLiteral = fc.record({ place, text: text(5, 9) });

describe('searching a field for literals', () => {
  it('tells of exactly those that stand where they must, whatever the case', () => {
    const literals = fc.array(literal, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(literals, text(0, 30), (wanted, value) => {
        const atoms = atomsOf(wanted);
        expect(found(atoms, value)).toEqual(naive(atoms, value));
      }),
      { numRuns: 2_000 },
    );
  });

  it('does so too when all of them are long', () => {
    const ascii = fc.array(fc.constantFrom(...Array.from('aAbB.')), { minLength: 5, maxLength: 9 });
    const literals = fc.array(fc.record({ place, text: ascii.map((chars) => chars.join('')) }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.oneof(literals, fc.array(longLiteral, { minLength: 1 })),
        text(0, 40),
        (wanted, value) => {
          const atoms = atomsOf(wanted);
          expect(found(atoms, value)).toEqual(naive(atoms, value));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('finds a program at the end of a path, and not one whose name only ends alike', () => {
    const atoms = atomsOf([{ place: 'ENDS', text: '\\cmd.exe' }]);
    expect(found(atoms, 'C:\\Windows\\CMD.EXE')).toEqual([0]);
    expect(found(atoms, 'C:\\Windows\\notcmd.exe')).toEqual([]);
  });

  it('does so too in a sparse table, which is for more literals than a dense one is small for', () => {
    const literals = fc.array(literal, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(literals, text(0, 30), (wanted, value) => {
        const atoms = atomsOf(wanted).filter(({ place: where }) => where !== 'EQUALS');
        const seen = new Set<number>();
        const sink = { pass: 1, see: (id: number): void => void seen.add(id) };
        new SparseAutomaton(atoms, true).find(foldCase(value), sink);
        expect([...seen].sort((a, b) => a - b)).toEqual(naive(atoms, value));
      }),
      { numRuns: 2_000 },
    );
  });
});
