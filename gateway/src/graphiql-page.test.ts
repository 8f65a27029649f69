import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';

const script = readFileSync(new URL('../graphiql/page.js', import.meta.url), 'utf8');

interface Asked {
  readonly path: string;
  readonly options?: { readonly headers: object; readonly body: string };
}

/** Runs the page's script in a page of nothing but what it touches. */
async function openPage(answer: () => { status: number; body: object } | null) {
  const asked: Asked[] = [];
  const shown: { schema?: unknown; fetcher: { headers: object } }[] = [];
  const elements = {
    token: { value: ' secret\n' },
    who: { textContent: '', className: '' },
    graphiql: {},
    'sign-in': { addEventListener: (_: string, listener: typeof submit) => (submit = listener) },
  };
  let submit: (event: { preventDefault(): void }) => void = () => undefined;
  const GraphiQL = { createFetcher: (options: object) => options };
  runInContext(
    script,
    createContext({
      ...{ GraphiQL, React: { createElement: (_: unknown, props: object) => props } },
      ReactDOM: { createRoot: () => ({ render: (props: never) => shown.push(props) }) },
      document: { getElementById: (id: keyof typeof elements) => elements[id] },
      fetch: async (path: string, options?: Asked['options']) => {
        asked.push({ path, ...(options ? { options } : {}) });
        if (path !== '/graphql') return { json: async () => [] };
        const given = answer();
        if (!given) throw new TypeError('fetch failed');
        return { status: given.status, json: async () => given.body };
      },
    }),
  );
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  await settle();
  return {
    ...{ asked, shown, who: elements.who },
    signIn: async () => {
      submit({ preventDefault: () => undefined });
      await settle();
    },
  };
}

const viewer = (provider: object | null) => () => ({
  status: 200,
  body: { data: { viewer: { role: 'PROVIDER_ADMIN', provider } } },
});

describe("GraphiQL's page", () => {
  it('asks for nothing but its examples before somebody signs in', async () => {
    const { asked, shown } = await openPage(viewer(null));
    expect(asked).toEqual([{ path: '/graphiql/examples.json' }]);
    // Null is what keeps GraphiQL from asking for the schema.
    expect(shown).toMatchObject([{ schema: null }]);
  });

  it.each([
    [{ name: 'Kranich IT' }, 'Signed in as PROVIDER_ADMIN of Kranich IT.'],
    [null, 'Signed in as PROVIDER_ADMIN.'],
  ])('says who the token stands for, and works with it', async (provider, text) => {
    const { asked, shown, who, signIn } = await openPage(viewer(provider));
    await signIn();
    expect(who.textContent).toBe(text);
    expect(asked.at(-1)).toMatchObject({
      path: '/graphql',
      options: { headers: { authorization: 'Bearer secret' } },
    });
    expect(shown.at(-1)).toMatchObject({
      schema: undefined,
      fetcher: { headers: { authorization: 'Bearer secret' } },
    });
  });

  it.each([
    [401, 'A valid access token is needed.', 'It may have expired; get another.'],
    [503, "'tenancy' does not answer at the moment.", ''],
  ])('says what is wrong with it, and asks for nothing more: %s', async (status, message, hint) => {
    const { shown, who, asked, signIn } = await openPage(() => ({
      status,
      body: { errors: [{ message }] },
    }));
    await signIn();
    expect(who.textContent).toBe(`Not signed in: ${message} ${hint}`.trim());
    expect(who.className).toBe('problem');
    expect(shown.at(-1)).toMatchObject({ schema: null, fetcher: { headers: {} } });
    expect(asked.filter(({ path }) => path === '/graphql')).toHaveLength(1);
  });

  it('says so when there is no answer', async () => {
    const { who, signIn } = await openPage(() => null);
    await signIn();
    expect(who.textContent).toBe('Not signed in: the gateway does not answer');
  });
});
