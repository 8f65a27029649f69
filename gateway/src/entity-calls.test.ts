import { describe, expect, it } from '@jest/globals';
import { inEntityCalls } from './entity-calls.ts';
import type { SubgraphResponse } from './entity-calls.ts';

const representationsOf = (count: number) => Array.from({ length: count }, (_, id) => ({ id }));

/** Asks for so many entities of a subgraph that refuses more than a thousand, as ours do. */
async function ask(count: number, answer: (ids: readonly number[]) => SubgraphResponse) {
  const sizes: number[] = [];
  const response = await inEntityCalls(
    { n: 1, representations: representationsOf(count) },
    async (variables) => {
      const ids = (variables?.['representations'] as { id: number }[]).map(({ id }) => id);
      expect(variables).toMatchObject({ n: 1 });
      sizes.push(ids.length);
      if (ids.length > 1_000) return { errors: [{ message: 'Too many entities.' }] };
      return answer(ids);
    },
  );
  return { sizes, response };
}

const found = (ids: readonly number[]) => ({ data: { _entities: ids.map((id) => ({ id })) } });

describe('entities', () => {
  it('are asked for in as many calls as it takes, and come in their order', async () => {
    const { sizes, response } = await ask(2_500, found);
    expect(sizes).toEqual([1_000, 1_000, 500]);
    expect(response).toEqual({ data: { _entities: representationsOf(2_500) } });
  });

  it('are asked for in one call where that is enough', async () => {
    expect((await ask(1_000, found)).sizes).toEqual([1_000]);
    const plain = { data: { cases: [] } };
    expect(await inEntityCalls(undefined, async () => plain)).toBe(plain);
  });

  it('keep the places of their errors', async () => {
    const { response } = await ask(2_001, (ids) => ({
      ...found(ids),
      errors: [{ message: 'no', path: ['_entities', 0, 'name'] }, { message: 'all' }],
    }));
    expect(response.errors).toEqual(
      [0, 1_000, 2_000].flatMap((place) => [
        { message: 'no', path: ['_entities', place, 'name'] },
        { message: 'all' },
      ]),
    );
  });

  it('of a call that failed are missing, and the others are there', async () => {
    const { response } = await ask(1_002, (ids) =>
      ids.length < 1_000 ? { errors: [{ message: 'no' }] } : found(ids),
    );
    expect(response).toEqual({
      data: { _entities: [...representationsOf(1_000), null, null] },
      errors: [{ message: 'no' }],
    });
  });

  it('that are not as many as asked for are a defect', async () => {
    const wrong = ask(1_500, () => ({ data: { _entities: [] } }));
    await expect(wrong).rejects.toThrow('not the 1000 entities');
  });
});
