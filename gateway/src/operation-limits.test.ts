import { describe, expect, it } from '@jest/globals';
import { buildSchema, Kind, parse } from 'graphql';
import type { OperationDefinitionNode } from 'graphql';
import { assertAffordable } from './operation-limits.ts';

const schema = buildSchema(`
  type Query { cases(first: Int): CaseConnection  viewer: Viewer }
  type CaseConnection { nodes: [Case] edges: [CaseEdge] }
  type CaseEdge { node: Case }
  type Case { id: ID customer: Customer detections(first: Int): [Detection] assets: [Asset] }
  type Customer { id: ID cases(first: Int): CaseConnection }
  type Detection { id: ID }
  type Asset { id: ID }
  type Viewer { id: ID }
`);

function check(query: string, variables: Record<string, unknown> = {}): string {
  const document = parse(query);
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode =>
      definition.kind === Kind.OPERATION_DEFINITION,
  );
  if (!operation) throw new Error('no operation');
  try {
    assertAffordable(schema, document, operation, variables);
    return 'affordable';
  } catch (error) {
    return (error as Error).message;
  }
}

/** `cases` below `customer` below `cases` …, which no index bounds. */
function nested(levels: number): string {
  return levels === 0 ? 'id' : `customer { cases { nodes { ${nested(levels - 1)} } } }`;
}

describe('an operation', () => {
  it('may ask for what a page of a dashboard needs', () => {
    const query = `{ cases(first: 100) { nodes { id detections(first: 50) { id } assets { id } } } }`;
    expect(check(query)).toBe('affordable');
  });

  it('may not be deeper than ten fields', () => {
    expect(check(`{ cases { nodes { ${nested(2)} } } }`)).toBe('affordable');
    expect(check(`{ cases(first: 1) { nodes { ${nested(3)} } } }`)).toContain('10 fields deep');
  });

  it('counts the fields of fragments as if they stood there', () => {
    const query = `{ cases(first: 1) { nodes { ...a } } }
      fragment a on Case { ${nested(2).replace('id', '...b')} }
      fragment b on Case { ${nested(1)} }`;
    expect(check(query)).toContain('10 fields deep');
  });

  it('may not multiply its pages beyond twenty thousand objects', () => {
    const query = `query ($n: Int) { cases(first: $n) { nodes { customer { cases(first: 100) {
      edges { node { detections(first: 100) { id } } } } } } } }`;
    expect(check(query, { n: 1 })).toBe('affordable');
    expect(check(query, { n: 100 })).toContain('20000 objects');
  });

  it('may not hide the size of its pages in what variables default to', () => {
    const query = `query ($n: Int = 100) { cases(first: $n) { nodes { customer { cases(first: $n) {
      nodes { detections(first: $n) { id } } } } } } }`;
    expect(check(query)).toContain('20000 objects');
    expect(check(query, { n: 3 })).toBe('affordable');
    // Null is no page size: the list's own default counts, 25 or, of detections, 50.
    expect(check(query, { n: null })).toContain('20000 objects');
    expect(check(query.replace('= 100', '= 2'))).toBe('affordable');
  });

  it('counts as if its pages were full when its variables are not what they should be', () => {
    const query = `query ($n: Int) { cases(first: 20) { nodes { detections(first: $n) { id } } } }`;
    expect(check(query, { n: 'x' })).toBe('affordable');
    expect(check(query.replace('20', '100').replace('id', '__typename a: id'), { n: 'x' })).toBe(
      'affordable',
    );
    const deeper = `query ($n: Int) { cases(first: 3) { nodes { customer { cases(first: 70) {
      nodes { detections(first: $n) { id } } } } } } }`;
    expect(check(deeper, { n: 1 })).toBe('affordable');
    expect(check(deeper, { n: 'x' })).toContain('20000 objects');
  });

  it('may not hide its size behind aliases', () => {
    const page = 'cases(first: 100) { nodes { detections(first: 100) { id } } }';
    expect(check(`{ ${page} }`)).toBe('affordable');
    expect(check(`{ a: ${page} b: ${page} }`)).toContain('20000 objects');
  });

  it('is refused in bounded time when its fragments double without end', () => {
    const fragments = Array.from(
      { length: 18 },
      (_, n) => `fragment f${n} on Viewer { ...f${n + 1} ...f${n + 1} }`,
    );
    const query = `{ viewer { ...f0 } } ${fragments.join(' ')} fragment f18 on Viewer { id }`;
    expect(check(query)).toContain('too long');
  });

  it('may have thirty aliases, of __typename as well, and not one more', () => {
    const aliased = (count: number, name: string) =>
      `{ viewer { ${Array.from({ length: count }, (_, n) => `a${n}: ${name}`).join(' ')} } }`;
    for (const name of ['id', '__typename']) {
      expect(check(aliased(30, name))).toBe('affordable');
      expect(check(aliased(31, name))).toContain('30 aliases');
    }
  });

  it('may have twenty root fields, those of fragments among them, and not one more', () => {
    const fields = (count: number, from = 0) =>
      Array.from({ length: count }, (_, n) => `a${n + from}: __typename`).join(' ');
    expect(check(`{ ${fields(20)} }`)).toBe('affordable');
    expect(check(`{ ${fields(21)} }`)).toContain('20 root fields');
    const spread = `{ ${fields(10)} ...more ... on Query { ${fields(5, 40)} } }`;
    const more = (count: number) => `fragment more on Query { ${fields(count, 20)} }`;
    expect(check(`${spread} ${more(5)}`)).toBe('affordable');
    expect(check(`${spread} ${more(6)}`)).toContain('20 root fields');
  });

  it('may have thirty directives wherever they stand, and not one more', () => {
    const skips = (count: number) => '@skip(if: false) '.repeat(count);
    expect(check(`{ viewer { id ${skips(30)} } }`)).toBe('affordable');
    expect(check(`{ viewer { id ${skips(31)} } }`)).toContain('30 directives');
    const everywhere = `query ($a: Int @a) @b { viewer @c { ...f @d ... @e { id ${skips(25)} } } }`;
    expect(check(`${everywhere} fragment f on Viewer { id }`)).toBe('affordable');
    expect(check(`${everywhere} fragment f on Viewer @g { id }`)).toContain('30 directives');
    const repeated = `{ viewer { ${'...f '.repeat(4)} } } fragment f on Viewer { id ${skips(8)} }`;
    expect(check(repeated)).toContain('30 directives');
  });

  it('may come in a document of twenty definitions, and not one more', () => {
    const fragments = (count: number) =>
      Array.from({ length: count }, (_, n) => `fragment f${n} on Viewer { id }`).join(' ');
    expect(check(`{ viewer { id } } ${fragments(19)}`)).toBe('affordable');
    expect(check(`{ viewer { id } } ${fragments(20)}`)).toContain('20 definitions');
  });

  it('may ask for the schema, where that is allowed', () => {
    const deep =
      '{ __schema { types { fields { type { ofType { ofType { ofType { ofType { ofType { ofType { name } } } } } } } } } } }';
    expect(check(deep)).toBe('affordable');
  });
});
