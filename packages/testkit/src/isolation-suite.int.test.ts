import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addSubgraph,
  createHealth,
  createHttpServer,
  createLogger,
  InvalidInputError,
  newId,
  NotFoundError,
  parseId,
} from '@vedette/service-kit';
import type { HttpServer, Viewer } from '@vedette/service-kit';
import { findLeaks, refusedPaths } from './isolation-suite.ts';
import type { TenantMarks } from './isolation-suite.ts';
import { createSubgraphClient } from './subgraph-client.ts';
import type { SubgraphClient } from './subgraph-client.ts';
import { createTestIdentity } from './test-identity.ts';

const typeDefs = `
  type Query { tight(id: ID!): Note open(id: ID!): Note told(id: ID!): Note worded(id: ID!): Note
    counted(id: ID!): Int list: [Note!]! truthy(filter: NoteFilter): Int strict(filter: NoteFilter): Int }
  input NoteFilter { noteIds: [ID!] }
  type Note { id: ID! text: String! }
`;

const noteId = newId();
const marks = { noteId, text: 'for the owner only' };
const note = { id: noteId, text: marks.text };
const stranger: Viewer = { principalId: 'stranger', role: 'PROVIDER_ADMIN', customerIds: [] };

interface Filtered {
  readonly filter: { readonly noteIds?: readonly string[] };
}

/** One field that keeps a note from everybody, and each way to give it away. */
const resolvers = {
  Query: {
    tight: (_: unknown, { id }: { id: string }) => {
      throw new NotFoundError('Note', id);
    },
    open: (_: unknown, { id }: { id: string }) => (id === noteId ? note : null),
    told: (_: unknown, { id }: { id: string }) => {
      if (id === noteId) throw new InvalidInputError('No such Note.');
      throw new NotFoundError('Note', id);
    },
    worded: (_: unknown, { id }: { id: string }) => {
      throw new NotFoundError(id === noteId ? 'Note of yours' : 'Note', id);
    },
    counted: (_: unknown, { id }: { id: string }) => (id === noteId ? 1 : 0),
    list: () => [note],
    truthy: (_: unknown, { filter }: Filtered) => filter.noteIds?.filter(Boolean).length ?? 9,
    strict: (_: unknown, { filter }: Filtered) =>
      filter.noteIds?.map((id, index) => parseId(`filter.noteIds[${index}]`, id)).length ?? 9,
  },
};

let server: HttpServer;
let client: SubgraphClient;

beforeAll(async () => {
  const identity = await createTestIdentity();
  server = createHttpServer({ health: createHealth() });
  const logger = createLogger({ service: 'notes', level: 'silent' });
  await addSubgraph(server, {
    ...{ name: 'notes', typeDefs, resolvers, logger, identityKeys: identity.identityKeys },
    createContext: (viewer) => ({ viewer }),
  });
  const origin = await server.listen({ host: '127.0.0.1', port: 0 });
  client = createSubgraphClient({ name: 'notes', url: `${origin}/graphql`, identity });
});

afterAll(() => server.close());

/** What the stranger learns by asking the field for the owner's note. */
function leaksOf(field: string, selection = '{ id text }'): Promise<string[]> {
  const operation = {
    covers: [`Query.${field}(id)`],
    document: `query ($id: ID!) { ${field}(id: $id) ${selection} }`,
    variables: ({ noteId: id }: TenantMarks) => ({ id }),
  };
  return findLeaks(operation, { ask: client.ask, viewer: stranger, marks });
}

describe('looking for leaks', () => {
  it('finds none in a field that answers alike to what is not yours and what is not there', async () => {
    expect(await leaksOf('tight')).toEqual([]);
  });

  it('finds a row that is given to anybody who knows its id', async () => {
    expect(await leaksOf('open')).toEqual([
      expect.stringContaining('to what exists'),
      expect.stringContaining('shows text'),
    ]);
  });

  it('finds a code, a text or a number that tells what exists', async () => {
    for (const field of ['told', 'worded']) {
      expect(await leaksOf(field)).toEqual([expect.stringContaining('to what exists')]);
    }
    expect(await leaksOf('counted', '')).toEqual([expect.stringContaining('to what exists')]);
  });

  it('finds a question that GraphQL itself refuses, since everybody gets that answer', async () => {
    const operation = { covers: [], document: 'query ($id: ID!) { tight(id: $id) { id } }' };
    const trial = { ask: client.ask, viewer: stranger, marks };
    expect(await findLeaks(operation, trial)).toEqual([expect.stringContaining('proves nothing')]);
  });

  it('finds rows in a list that nobody asked for by id', async () => {
    const operation = { covers: ['Query.list'], document: '{ list { id } }' };
    expect(await findLeaks(operation, { ask: client.ask, viewer: stranger, marks })).toContainEqual(
      expect.stringContaining('shows noteId'),
    );
  });
});

describe('asking with an empty id', () => {
  const paths = (field: string): Promise<string[]> => {
    const operation = {
      covers: [`Query.${field}(filter.noteIds)`],
      document: `query ($ids: [ID!]) { ${field}(filter: { noteIds: $ids }) }`,
    };
    const trial = { typeDefs, ask: client.ask, viewer: stranger, marks };
    return refusedPaths(operation, `Query.${field}(filter.noteIds)`, trial);
  };

  it('tells a field that refuses it from one that takes it for none', async () => {
    expect(await paths('strict')).toEqual(['filter.noteIds']);
    expect(await paths('truthy')).toEqual([]);
  });
});
