import { describe, expect, it } from '@jest/globals';
import { toApiSchema } from './cli/schema.ts';
import { composeSupergraph } from './compose-supergraph.ts';

const federation =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@inaccessible"])';

const tenancy = {
  name: 'tenancy',
  sdl: `${federation}
    type Query { "Customers that the viewer reaches." customers: [Customer!] }
    "An organisation under protection."
    type Customer @key(fields: "id") { id: ID! name: String secret: String @inaccessible }`,
};
const cases = {
  name: 'health-check',
  sdl: `${federation}
    type Query { cases: [Case!] }
    type Case { id: ID! customer: Customer }
    type Customer @key(fields: "id", resolvable: false) { id: ID! }`,
};

describe('the supergraph', () => {
  it('names each subgraph with a placeholder for its address', () => {
    const { sdl, errors } = composeSupergraph([tenancy, cases]);
    expect(errors).toEqual([]);
    expect(sdl).toContain('@join__graph(name: "tenancy", url: "http://tenancy")');
    expect(sdl).toContain('@join__graph(name: "health-check", url: "http://health-check")');
  });

  it('is the same bytes for the same subgraphs', () => {
    expect(composeSupergraph([tenancy, cases])).toEqual(composeSupergraph([tenancy, cases]));
  });

  it('is refused when subgraphs contradict each other', () => {
    const other = { name: 'other', sdl: `${federation} type Query { cases: [Int!] }` };
    const { sdl, errors } = composeSupergraph([tenancy, cases, other]);
    expect(sdl).toBeUndefined();
    expect(errors.join('\n')).toContain('Query.cases');
  });

  it('is refused with subgraph and line when a schema cannot be read', () => {
    const { errors } = composeSupergraph([tenancy, { name: 'cases', sdl: 'type Query {\n  }' }]);
    expect(errors).toEqual([expect.stringContaining('[cases] line 2: Syntax Error')]);
  });
});

describe('the API schema', () => {
  const apiSchema = (): string => toApiSchema(composeSupergraph([tenancy, cases]).sdl ?? '');

  it('shows types, fields and their descriptions', () => {
    expect(apiSchema()).toContain(
      '"""Customers that the viewer reaches."""\n  customers: [Customer!]',
    );
    expect(apiSchema()).toContain('"""An organisation under protection."""\ntype Customer');
  });

  it('shows nothing of federation and nothing inaccessible', () => {
    expect(apiSchema()).not.toMatch(/join__|link__|@key|@join|@link|_entities|secret|inaccessible/);
  });
});
