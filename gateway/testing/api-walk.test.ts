import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { walkApi } from './api-walk.ts';

const sdl = readFileSync(new URL('../supergraph.graphql', import.meta.url), 'utf8');

describe('the walk through the API', () => {
  it('asks for what the schema has and the limits allow, down to what stands in rows', () => {
    const schema = buildSchema(sdl, { assumeValid: true, assumeValidSDL: true });
    const { queries, takingIds } = walkApi(sdl);
    for (const { document, name } of [...queries, ...takingIds]) {
      expect([name, validate(schema, parse(document))]).toEqual([name, []]);
    }
    const customers = queries.find(({ name }) => name === 'Query.customers');
    expect(customers?.document).toMatch(/nodes \{.*provider \{.*mandates \{/);
    expect(queries.length).toBeGreaterThan(10);
  });
});
