import { describe, expect, it } from '@jest/globals';
import { idCoordinates } from './schema-coordinates.ts';

const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { note(id: ID!): Note notes(first: Int, filter: NoteFilter): [Note!]! count: Int! }
  type Mutation { writeNote(input: WriteNoteInput!): Note! }
  type Note @key(fields: "id") { id: ID! text: String! author: Person! replies(to: ID): [Note!]! }
  type Person @key(fields: "id", resolvable: false) { id: ID! }
  input NoteFilter { authorId: ID and: NoteFilter }
  input WriteNoteInput { noteId: ID! text: String! }
`;

describe('the id coordinates of a subgraph', () => {
  it('are all places where ids go in, all that come out unasked, and its references', () => {
    expect(idCoordinates(typeDefs)).toEqual([
      'Mutation.writeNote(input.noteId)',
      'Note.replies(to)',
      'Query.note(id)',
      'Query.notes',
      'Query.notes(filter.authorId)',
      '_entities(Note)',
    ]);
  });
});
