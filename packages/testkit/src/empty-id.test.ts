import { describe, expect, it } from '@jest/globals';
import { idArgumentOf, withEmptyId } from './empty-id.ts';

const typeDefs = `
  type Query { notes(first: Int, filter: NoteFilter): [Note!]! }
  type Mutation { moveNotes(input: MoveNotesInput!): [Note!]! }
  type Note @key(fields: "id") { id: ID! replies(to: ID, first: Int): [Note!]! }
  input NoteFilter { authorId: ID text: String }
  input MoveNotesInput { noteIds: [ID!]! text: String steps: [StepInput!] }
  input StepInput { personId: ID! hours: Int }
`;

function empty(coordinate: string, document: string, variables: Record<string, unknown> = {}) {
  const changed = withEmptyId(typeDefs, { document, variables }, coordinate);
  return { ...changed, document: changed.document.replaceAll(/\s+/g, ' ') };
}

describe('an empty id instead of a given one', () => {
  it('stands in the document, and what held the id before is not sent any more', () => {
    const document = `query ($id: ID!, $text: String) {
      notes(first: 2, filter: { authorId: $id, text: $text }) { id } }`;
    expect(empty('Query.notes(filter.authorId)', document, { id: 'a', text: 'hello' })).toEqual({
      document:
        'query ($text: String) { notes(first: 2, filter: {text: $text, authorId: ""}) { id } }',
      variables: { text: 'hello' },
    });
  });

  it('is put in where none was given', () => {
    expect(empty('Query.notes(filter.authorId)', '{ notes { id } }').document).toBe(
      '{ notes(filter: {authorId: ""}) { id } }',
    );
  });

  it('is in the variable when that holds the whole input, also in lists', () => {
    const document = 'mutation ($input: MoveNotesInput!) { moveNotes(input: $input) { id } }';
    const input = { noteIds: ['a', 'b'], text: 'hello', steps: [{ personId: 'c', hours: 3 }] };
    const variablesFor = (path: string) =>
      empty(`Mutation.moveNotes(${path})`, document, { input }).variables;
    expect(variablesFor('input.noteIds')).toEqual({ input: { ...input, noteIds: ['', ''] } });
    expect(variablesFor('input.steps.personId')).toEqual({
      input: { ...input, steps: [{ personId: '', hours: 3 }] },
    });
  });

  it("is that of the coordinate's own type, below a reference as well", () => {
    const document = `query ($of: [_Any!]!) {
      _entities(representations: $of) { ... on Note { replies(first: 1) { id } } } }`;
    expect(empty('Note.replies(to)', document, { of: [] }).document).toContain(
      'replies(first: 1, to: "")',
    );
    expect(() => empty('Query.notes(filter.authorId)', document)).toThrow('has no field');
  });

  it('is asked for by coordinates that take an id, and by no others', () => {
    expect(
      ['Query.note(id)', 'Query.notes(filter.authorId)', 'Query.notes', '_entities(Note)'].map(
        idArgumentOf,
      ),
    ).toEqual(['id', 'filter.authorId', null, null]);
  });
});
